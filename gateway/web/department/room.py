"""The room; its other modules add the pages."""

from gateway.web.rooms import PageRoom
from gateway.web.visit import Visit

OVERSEERS = frozenset({"head", "appellate"})
"""Members of staff who lead a department, or decide appeals about it."""

room = PageRoom("department", OVERSEERS | {"officer"})


def oversees(visit: Visit) -> bool:
    """Whether the member of staff leads the department, or decides appeals."""
    return visit.role in OVERSEERS
