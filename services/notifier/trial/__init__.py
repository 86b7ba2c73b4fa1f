"""Test sends: a message with made-up values, sent by an administrator or from the command line."""
