"""Tests of Rabta. Every folder here has an `__init__.py`, so that nothing shadows an installed package."""
