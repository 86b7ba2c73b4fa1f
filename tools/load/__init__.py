"""The load tests."""
