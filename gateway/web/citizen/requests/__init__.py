"""One's own requests: the list, each with all that can be done with it, and what others filed and one follows."""

from gateway.web.citizen.requests import acting, anonymous, attached, correcting, dashboard, followed, messages, request

__all__ = ["acting", "anonymous", "attached", "correcting", "dashboard", "followed", "messages", "request"]
