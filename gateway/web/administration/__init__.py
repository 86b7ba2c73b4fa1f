"""Pages for administrators and auditors."""

from gateway.web.administration import (
    acts,
    audit,
    departments,
    drafting,
    home,
    messages,
    services,
    settling,
    staff,
    trying,
)
from gateway.web.administration.room import room

__all__ = [
    "acts",
    "audit",
    "departments",
    "drafting",
    "home",
    "messages",
    "room",
    "services",
    "settling",
    "staff",
    "trying",
]
