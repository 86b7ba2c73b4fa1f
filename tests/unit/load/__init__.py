"""Unit tests of the load tests."""
