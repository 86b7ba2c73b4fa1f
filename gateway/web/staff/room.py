"""The room itself; every module of it adds its pages."""

from gateway.web.rooms import PageRoom

STAFF = frozenset({"officer", "head", "appellate", "clerk", "admin", "auditor"})

room = PageRoom("staff", STAFF)
