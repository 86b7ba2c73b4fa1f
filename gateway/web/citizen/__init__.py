"""Pages for citizens: their account, filing, and their requests."""

from gateway.web.citizen import account, filing, requests
from gateway.web.citizen.room import room

__all__ = ["account", "filing", "requests", "room"]
