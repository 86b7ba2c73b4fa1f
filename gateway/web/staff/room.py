"""The room; its other modules add the pages."""

from gateway.web.rooms import PageRoom

STAFF = frozenset({"officer", "head", "appellate", "clerk", "admin", "auditor"})

room = PageRoom("staff", STAFF)
