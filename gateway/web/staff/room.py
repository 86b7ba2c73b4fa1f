"""The room itself; every module of it adds its pages."""

from gateway.web.rooms import Room

STAFF = frozenset({"officer", "head", "appellate", "clerk", "admin", "auditor"})

room = Room("staff", STAFF)
