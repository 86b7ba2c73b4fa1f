"""The architecture tests."""
