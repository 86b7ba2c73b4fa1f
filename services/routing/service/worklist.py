"""A department's list for its staff, its counts and changes, and the overview for its head."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

from services.routing import schemas
from services.routing.models.assignment import OPEN, Assignment, AssignmentState
from services.routing.models.worklist import GOING_ON, LATE_FOR, Order, WorklistFilter
from services.routing.service import views
from services.routing.service.colleagues import StaffNames
from services.routing.service.deciding import Actor
from services.routing.store.worklist import WorklistStore
from shared.clock import utc_now
from shared.paging import cursor_of, read_cursor, time_text

MAX_COUNTED = 10_000
"""The largest total that is counted exactly."""
ALL = tuple(AssignmentState)
LOAD = ("open", "late", "due_soon", "waiting", "for_head", "resolved_7", "resolved_30")
"""What is told of each officer."""
COUNTED = ("open", "new", "late", "due_soon", "waiting", "mine", "for_head", "appeals", "resolved")
"""What is counted beside the list."""
TOTALS = (*LOAD, "under_appeal", "appeals", "copied_30")
"""What is counted of a whole department."""


class Worklist:
    """Reads the assignments of one department; the route checks that it is the caller's."""

    def __init__(self, store: WorklistStore, colleagues: StaffNames) -> None:
        self._store = store
        self._colleagues = colleagues

    async def page(
        self, actor: Actor, wanted: WorklistFilter, cursor: str | None, limit: int
    ) -> schemas.AssignmentLines:
        """A page of what is wanted. Raises BadRequestError for a cursor that cannot be read."""
        wanted = replace(wanted, reader=actor.id)
        found = await self._store.of_department(actor.department, wanted, after=read_cursor(cursor), limit=limit + 1)
        page = found[:limit]
        names = await self._colleagues.names((one.taken_by for one in page), actor.language)
        now = utc_now()
        more = len(found) > limit
        return {
            "assignments": [views.list_item(one, actor, names, now) for one in page],
            "next": _place(page[-1], wanted.order) if more else None,
        }

    async def totals(self, department: str, account: str, wanted: WorklistFilter) -> schemas.AssignmentTotals:
        """How many are wanted, and how many would be without the filters for state and officer."""
        hides = await self._store.hides_any(department, account)
        wanted = replace(wanted, reader=account if hides else None)  # else the index alone has all that is read
        everybody = replace(wanted, taken_by=None, states=OPEN if tuple(wanted.states) == ALL else wanted.states)
        asked = (wanted, replace(everybody, taken_by=account), everybody, replace(everybody, states=ALL))
        counted = await asyncio.gather(*(self._store.count(department, one, MAX_COUNTED + 1) for one in asked))
        listed, mine, team, whole = (count if count <= MAX_COUNTED else None for count in counted)
        return {"list": listed, "mine": mine, "department": team, "all": whole}

    async def counts(self, department: str, account: str) -> schemas.AssignmentCounts:
        """How much there is of what, `account` is the caller."""
        rows = await self._store.tallied(department, ("state", "service", "district"), account)
        states: Counter[str] = Counter({str(state): 0 for state in GOING_ON})
        services: Counter[str] = Counter()
        districts: Counter[str] = Counter()
        for row in rows:
            states[row["state"]] += row["all"]
            services[row["service"]] += row["open"]
            districts[row["district"]] += row["open"]
        total = _sum(rows)
        counts = {
            "at": time_text(utc_now()),
            **{name: total[name] for name in COUNTED},
            "states": dict(states),
            "services": dict((+services).most_common()),
            "districts": dict((+districts).most_common()),
        }
        return cast(schemas.AssignmentCounts, counts)

    async def overview(self, department: str, language: str) -> schemas.Overview:
        """What is late, for how long, and which officer has it; the officer with most that is late comes first."""
        tallied, done, marked = await asyncio.gather(
            self._store.tallied(department, ("taken_by",), ""),
            self._store.done_lately(department),
            self._store.marked_late(department),
        )
        rows = _joined(tallied, done)
        names = await self._colleagues.names((row["taken_by"] for row in rows), language)
        total = _sum([*tallied, *done])
        overview = {
            "at": time_text(utc_now()),
            **{name: total[name] for name in TOTALS},
            **marked,
            "late_for": [
                {"from_days": first, "to_days": last, "count": total[f"late_{place}"]}
                for place, (first, last) in enumerate(LATE_FOR)
            ],
            "officers": [{"with": views.person(row.pop("taken_by"), names), **row} for row in rows],
        }
        return cast(schemas.Overview, overview)

    async def changes(
        self, department: str, cursor: str, limit: int, language: str, reader: str = ""
    ) -> schemas.AssignmentChanges:
        """Assignments that changed after a cursor, the last change of each, oldest first; none hidden from the reader.

        Raises BadRequestError for a cursor that cannot be read.
        """
        if not cursor:
            return {"updates": [], "next": cursor_of(utc_now(), "")}
        place = read_cursor(cursor)
        again = await self._store.changed_shortly_before(department, place, reader)
        later = await self._store.changed_after(department, place, limit, reader)
        found = [*again, *later]
        names = await self._colleagues.names((one.history[-1]["by"] for one in found), language)
        updates = [_change(one, names) for one in found]
        return {"updates": updates, "next": updates[-1]["id"] if later else cursor}


def _joined(tallied: Sequence[dict[str, Any]], done: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """A row for each officer who has something open or resolved something lately, most that is late first."""
    rows: dict[str | None, Counter[str]] = {}
    for row in (*tallied, *done):
        rows.setdefault(row["taken_by"], Counter()).update(_sum([row]))
    busy = [(account, row) for account, row in rows.items() if row["open"] or row["resolved_30"]]
    busy.sort(key=lambda one: (-one[1]["late"], -one[1]["open"], one[0] or ""))
    return [{"taken_by": account, **{name: row[name] for name in LOAD}} for account, row in busy]


def _sum(rows: Sequence[dict[str, Any]]) -> Counter[str]:
    """All rows together."""
    total: Counter[str] = Counter()
    for row in rows:
        total.update({name: value for name, value in row.items() if isinstance(value, int)})
    return total


def _place(assignment: Assignment, order: Order) -> str | None:
    at = {"due": assignment.due_at, "newest": assignment.routed_at}.get(order, assignment.changed_at)
    return cursor_of(at, assignment.id) if at else None


def _change(assignment: Assignment, names: dict[str, str]) -> schemas.AssignmentChange:
    last, at = assignment.history[-1], assignment.changed_at
    assert at is not None
    return {
        "id": cursor_of(at, assignment.id),
        "number": assignment.id,
        "action": last["action"],
        "state": str(assignment.state),
        "at": time_text(at),
        "by": last["by"],
        "by_name": names.get(last["by"]),
        "service": assignment.service,
        "kind": assignment.kind,
        "district": assignment.district,
        "for_head": assignment.for_head,
    }
