"""One-time codes, and proving again that it is really the account holder."""
