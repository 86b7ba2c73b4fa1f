"""The contracts tests."""
