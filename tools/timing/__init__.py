"""Measures whether responses take the same time for existing and unknown accounts."""
