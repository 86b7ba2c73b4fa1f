"""Reading the trail of looks at the citizen's data."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from services.identity.accounts import schemas
from services.identity.accounts.models.access import AccessNote
from shared.paging import cursor_of, read_cursor, time_text


class AccessNotes(Protocol):
    """Where the looks are kept."""

    async def of_citizen(
        self, citizen_id: str, *, before: tuple[datetime, str] | None, limit: int
    ) -> Sequence[AccessNote]:
        """A citizen's trail, newest first."""


class AccessTrail:
    """The use case."""

    def __init__(self, trail: AccessNotes) -> None:
        self._trail = trail

    async def own(self, citizen_id: str, cursor: str | None, limit: int) -> schemas.Looks:
        """A page of a citizen's trail, newest first. Raises BadRequestError for a cursor that is not ours."""
        found = list(await self._trail.of_citizen(citizen_id, before=read_cursor(cursor), limit=limit + 1))
        page = found[:limit]
        last = page[-1] if len(found) > limit else None
        return {
            "accesses": [summary(note) for note in page],
            "next": cursor_of(last.at, last.id) if last is not None and last.at is not None else None,
        }


def summary(note: AccessNote) -> schemas.Look:
    """A look as its citizen sees it."""
    return {
        "at": time_text(note.at),
        "what": note.what,
        "request": note.request,
        "role": note.role,
        "department": note.department,
        "listed": note.listed,
    }
