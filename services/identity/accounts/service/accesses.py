"""The citizen's access trail: which members of staff looked at the citizen's data."""

from services.identity.accounts import schemas
from services.identity.accounts.models.access import AccessNote
from services.identity.accounts.store.accesses import AccessTrailStore
from shared.paging import cursor_of, read_cursor, time_text


async def access_page(trail: AccessTrailStore, citizen_id: str, cursor: str | None, limit: int) -> schemas.Looks:
    """A page of a citizen's trail, newest first. Raises CursorInvalidError."""
    found = await trail.of_citizen(citizen_id, before=read_cursor(cursor), limit=limit + 1)
    page = found[:limit]
    last = page[-1] if len(found) > limit else None
    return {
        "accesses": [summary(note) for note in page],
        "next": cursor_of(last.at, last.id) if last is not None and last.at is not None else None,
    }


def summary(note: AccessNote) -> schemas.Look:
    """An access as its citizen sees it."""
    return {
        "at": time_text(note.at),
        "what": note.what,
        "request": note.request,
        "role": note.role,
        "department": note.department,
        "listed": note.listed,
    }
