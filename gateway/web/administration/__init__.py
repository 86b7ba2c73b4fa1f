"""Pages for administrators and auditors."""

from gateway.web.administration import acts, audit, departments, drafting, home, services, settling, staff, trying
from gateway.web.administration.room import room

__all__ = ["acts", "audit", "departments", "drafting", "home", "room", "services", "settling", "staff", "trying"]
