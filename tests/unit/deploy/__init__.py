"""The launcher and the supervisor."""
