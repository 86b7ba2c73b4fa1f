"""Pages for everybody who works here: signing in with a second factor, and the member's account."""

from gateway.web.staff import account, messages, password, second_factor, sessions, sign_in
from gateway.web.staff.room import room

__all__ = ["account", "messages", "password", "room", "second_factor", "sessions", "sign_in"]
