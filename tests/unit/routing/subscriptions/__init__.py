"""Unit tests of departments' subscriptions."""
