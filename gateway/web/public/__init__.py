"""Pages for everybody, signed in or not."""

from gateway.web.public import start
from gateway.web.public.room import room

__all__ = ["room", "start"]
