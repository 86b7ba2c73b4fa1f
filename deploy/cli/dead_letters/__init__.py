"""`rabta dead-letters`: messages that could not be handled, to be looked at and sent on their way again."""
