"""Pages for officers, heads and appellate authorities: their work."""

from gateway.web.department import accepting, acting, held, overview, request, worklist
from gateway.web.department.room import room

__all__ = ["accepting", "acting", "held", "overview", "request", "room", "worklist"]
