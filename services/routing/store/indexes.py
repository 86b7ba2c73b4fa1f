"""The indexes of `routing.assignments`. Those of lists hold what may be asked for, so that the rest is not read."""

from collections.abc import Sequence

from pymongo import ASCENDING, DESCENDING

from services.routing.models.assignment import AssignmentState
from services.routing.models.worklist import Order, WorklistFilter

MARKED_LATE = [("department", ASCENDING), ("state", ASCENDING), ("overdue_at", ASCENDING)]
HIDDEN = [("hidden_from", ASCENDING), ("department", ASCENDING)]
CLOCKS = [("clock_at", ASCENDING), ("_id", ASCENDING)]
CHANGED = [("changed_at", ASCENDING), ("_id", ASCENDING)]
CHANGED_LAST = [("changed_at", DESCENDING), ("_id", DESCENDING)]
DUE_SOONEST = [("due_at", ASCENDING), ("_id", ASCENDING)]
NEWEST = [("routed_at", DESCENDING), ("_id", ASCENDING)]
ORDERS: dict[Order, list[tuple[str, int]]] = {
    "due": DUE_SOONEST,
    "newest": NEWEST,
    "changed": CHANGED_LAST,
    "unchanged": CHANGED,
}
ASKED = ("due_at", "service", "district", "kind", "for_head", "taken_by")
CHANGES = [
    ("department", ASCENDING),
    *CHANGED,
    *((name, ASCENDING) for name in ("state", *ASKED, "resolved_at", "copied")),
]
"""Holds what is asked of a list, and what `done_lately` counts."""


def list_index(order: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    """The index of a department's list in an order; it holds what may be asked for, so that the rest is not read."""
    asked = [(name, ASCENDING) for name in ASKED if name not in dict(order)]
    return [("department", ASCENDING), ("state", ASCENDING), *order, *asked]


def index_for(wanted: WorklistFilter) -> list[tuple[str, int]]:
    """The index that a list is read from.

    Of a list by changes that has only what is not closed, the few are sorted in memory: in the index of changes they
    stand among all that a department ever closed.
    """
    if wanted.order not in ("changed", "unchanged"):
        return list_index(ORDERS[wanted.order])
    closed = AssignmentState.CLOSED in wanted.states
    return CHANGES if closed or wanted.changed_since else list_index(DUE_SOONEST)
