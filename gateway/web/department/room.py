"""The room; its other modules add the pages."""

from gateway.web.rooms import PageRoom

WORKERS = frozenset({"officer", "head", "appellate"})

room = PageRoom("department", WORKERS)
