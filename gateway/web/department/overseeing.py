"""Members of staff who lead a department, or decide appeals about it."""

from gateway.web.visit import Visit

OVERSEERS = frozenset({"head", "appellate"})


def oversees(visit: Visit) -> bool:
    """Whether the member of staff leads the department, or decides appeals."""
    return visit.role in OVERSEERS
