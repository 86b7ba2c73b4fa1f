"""Logging in and out: sessions, known devices, and clients of departments."""
