"""The room itself; every module of it adds its pages."""

from gateway.web.rooms import Room

WORKERS = frozenset({"officer", "head", "appellate"})

room = Room("department", WORKERS)
