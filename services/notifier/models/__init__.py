"""Contacts, messages, and the rules of delivery."""
