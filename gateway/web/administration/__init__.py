"""Pages for administrators and auditors."""

from gateway.web.administration.room import room

__all__ = ["room"]
