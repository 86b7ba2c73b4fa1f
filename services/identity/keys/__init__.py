"""Signing keys and the access tokens that are made with them."""
