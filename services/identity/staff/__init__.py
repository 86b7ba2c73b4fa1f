"""Accounts of staff: second factors, changes, and the audit of administrative acts."""
