"""Unit tests of the launcher and the supervisor."""
