"""Providers of SMS and email: calls to them, and their later reports."""
