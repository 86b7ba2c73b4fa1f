"""The citizen's requests: the list, each request with its actions, and the followed requests of others."""

from gateway.web.citizen.requests import acting, anonymous, attached, correcting, dashboard, followed, messages, request

__all__ = ["acting", "anonymous", "attached", "correcting", "dashboard", "followed", "messages", "request"]
