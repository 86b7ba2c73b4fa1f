"""Generates pages of `docs/` from the code: events, AsyncAPI, the life cycle, rights, messages and settings.

`python -m deploy.docs` writes them, `python -m deploy.docs --check` exits with 1 if one is stale.
"""
