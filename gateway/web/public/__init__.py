"""Pages for everybody, signed in or not."""

from gateway.web.public import helping, machines, services, start, telling, tracking
from gateway.web.public.room import room

__all__ = ["helping", "machines", "room", "services", "start", "telling", "tracking"]
