"""Answers to a phone that need not belong to an account."""

PHONE = "phone:"
"""Begins the `citizen_id` of an answer to a phone that belongs to no account; the blind index of its mobile follows."""
