"""The gateway: the only way in. It checks, limits and forwards requests; it owns no data and imports no service.

Only the routes of `routes.py` exist. The gateway itself serves the pages (`web/`) and the live streams (`live/`): they
are woken by messages of `rabta.live`, and read the services with the client's own token.
"""
