"""What has changed at a department since a cursor: for the live bar of its list."""

from services.routing import schemas
from services.routing.models.assignment import Assignment
from services.routing.service.colleagues import StaffNames
from services.routing.store.worklist import WorklistStore
from shared.clock import utc_now
from shared.paging import cursor_of, read_cursor, time_text


class Changes:
    """Reads what has changed at one department; the route checks that it is the caller's."""

    def __init__(self, store: WorklistStore, colleagues: StaffNames) -> None:
        self._store = store
        self._colleagues = colleagues

    async def after(
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
