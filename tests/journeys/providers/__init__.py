"""A suite that sends its messages to stand-ins for providers, by SMS and by email."""
