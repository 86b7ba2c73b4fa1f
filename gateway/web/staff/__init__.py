"""Pages for everybody who works here: signing in with a second factor, and one's own account."""

from gateway.web.staff import sign_in
from gateway.web.staff.room import room

__all__ = ["room", "sign_in"]
