"""Pages for everybody, signed in or not."""

from gateway.web.public import helping, machines, proving, services, start, stopping, telling, tracking
from gateway.web.public.room import room

__all__ = ["helping", "machines", "proving", "room", "services", "start", "stopping", "telling", "tracking"]
