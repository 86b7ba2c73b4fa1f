"""Accounts: their documents and rules, and what the other rooms need to find and change them."""
