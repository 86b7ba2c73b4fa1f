"""Tests of each script of the pages."""
