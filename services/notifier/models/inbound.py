"""Answers to SMS that come from a phone, whoever holds it."""

PHONE = "phone:"
"""Begins what stands in place of a citizen's id where a phone is answered that need not be anybody's here."""
