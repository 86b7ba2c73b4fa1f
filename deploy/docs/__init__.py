"""Writes what can be read off the code: `docs/events.md` and `docs/asyncapi.yaml`.

`python -m deploy.docs` writes both, `python -m deploy.docs --check` exits with 1 when they are not what the code says.
"""
