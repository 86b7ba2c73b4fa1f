"""The plumbing that every service needs, and the event contracts. It knows no service.

A module belongs here only if three services need it and it has no word of the domain; the contracts in `events` are
the exception.
"""
