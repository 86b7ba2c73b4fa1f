"""Pages for everybody, signed in or not."""

from gateway.web.public import services, start, tracking
from gateway.web.public.room import room

__all__ = ["room", "services", "start", "tracking"]
