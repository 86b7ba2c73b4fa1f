"""The room itself; every module of it adds its pages."""

from gateway.web.rooms import PageRoom

room = PageRoom("citizen", frozenset({"citizen"}))
