"""Pages for officers, heads and appellate authorities: their work."""

from gateway.web.department.room import room

__all__ = ["room"]
