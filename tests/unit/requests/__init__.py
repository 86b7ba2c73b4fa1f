"""Unit tests of requests."""
