"""Pages for citizens: their account, filing, and their requests."""

from gateway.web.citizen import sign_in
from gateway.web.citizen.room import room

__all__ = ["room", "sign_in"]
