"""Tests of what all pages share, without servers."""
