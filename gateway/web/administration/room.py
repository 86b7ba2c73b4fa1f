"""The room; its other modules add the pages."""

from gateway.web.rooms import PageRoom

room = PageRoom("administration", frozenset({"admin"}))
