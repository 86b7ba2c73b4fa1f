"""The use cases of identity: registration, codes, sessions, staff, departments' software."""
