"""Test messages with example values, sent by an administrator or from the command line."""
