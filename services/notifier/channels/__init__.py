"""Providers of SMS and email: how each is spoken to, and what it says later."""
