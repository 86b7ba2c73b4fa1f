"""Requests about the same thing: found, followed, merged, and taken apart again."""
