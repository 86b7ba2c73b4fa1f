"""Providers of SMS and email: how each is called, and its later reports."""
