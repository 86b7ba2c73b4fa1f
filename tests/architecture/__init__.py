"""Tests of structure, conventions and documents."""
