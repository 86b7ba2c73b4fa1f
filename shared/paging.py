"""Cursors of lists that are ordered by a time and an id, and times as they stand in answers."""

from datetime import UTC, datetime

from shared.clock import written
from shared.errors import BadRequestError


class CursorInvalidError(BadRequestError):
    """The cursor is not one that was given out here."""

    code = "cursor-invalid"


def cursor_of(at: datetime, key: str) -> str:
    """The place just after an item, to start the next page from."""
    return f"{int(at.timestamp() * 1000)}-{key}"


def read_cursor(cursor: str) -> tuple[datetime, str]:
    """The time and id that a cursor names. Raises CursorInvalidError."""
    milliseconds, _, key = cursor.partition("-")
    if not (milliseconds.isascii() and milliseconds.isdigit() and len(milliseconds) <= 14):
        raise CursorInvalidError
    return datetime.fromtimestamp(int(milliseconds) / 1000, UTC), key


def time_text(at: datetime | None) -> str | None:
    """A time as answers have it, where there is one."""
    return None if at is None else written(at)
