"""Pages for clerks, who file for citizens at a counter or on the phone."""

from gateway.web.counter.room import room

__all__ = ["room"]
