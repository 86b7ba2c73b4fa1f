"""`rabta dead-letters`: list, show and redrive messages that could not be handled."""
