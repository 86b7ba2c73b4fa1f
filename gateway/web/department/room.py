"""The room itself; every module of it adds its pages."""

from gateway.web.rooms import PageRoom

WORKERS = frozenset({"officer", "head", "appellate"})

room = PageRoom("department", WORKERS)
