"""Unit tests of the judge of generated calls."""
