"""Live streams as server-sent events: woken by a message, then read from the services.

A wake-up only names the accounts and requests that may have changed. Changes are read with the client's own token, so
the service decides what the client may see, and a lost wake-up costs some seconds but never a step.
"""
