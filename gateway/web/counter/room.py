"""The room itself; every module of it adds its pages."""

from gateway.web.rooms import Room

room = Room("counter", frozenset({"clerk"}))
