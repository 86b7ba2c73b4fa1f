"""Handing messages to providers, and what became of them."""
