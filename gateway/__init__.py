"""The gateway: the only door. It checks, limits and forwards; it owns no data and knows no service's inside.

What is not in the table of `routes.py` does not exist. Live streams are served here, woken by `rabta.live`; what
they tell is read from the requests service with the client's own token.
"""
