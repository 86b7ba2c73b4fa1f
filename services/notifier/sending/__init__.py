"""Sends messages through providers, and processes the results."""
