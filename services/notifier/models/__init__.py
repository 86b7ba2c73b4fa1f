"""Contacts, messages, and the rules of their delivery."""
