"""The `rabta` commands that work on a running suite."""
