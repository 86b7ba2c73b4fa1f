"""Queries about the work inside a department."""
