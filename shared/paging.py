"""Pages and cursors of lists that are ordered by a time and an id."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar, overload

from shared.clock import written
from shared.errors import BadRequestError

MAX_CURSOR = 200
EPOCH, MILLISECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(milliseconds=1)
Position = tuple[datetime, str]
"""The time and the id of an item, by which a list is ordered."""
T = TypeVar("T")


class CursorInvalidError(BadRequestError, code="cursor-invalid"):
    """The cursor is not one that this service issued."""


def cursor_of(at: datetime, key: str) -> str:
    """The cursor of the page after an item."""
    return f"{(at - EPOCH) // MILLISECOND}-{key}"


@overload
def read_cursor(cursor: str) -> Position: ...
@overload
def read_cursor(cursor: str | None) -> Position | None: ...
def read_cursor(cursor: str | None) -> Position | None:
    """The position in a cursor; None for the first page, which has no cursor. Raises CursorInvalidError."""
    if cursor is None:
        return None
    milliseconds, _, key = cursor.partition("-")
    is_time = milliseconds.isascii() and milliseconds.isdigit() and len(milliseconds) <= 14
    if not is_time or len(cursor) > MAX_CURSOR:
        raise CursorInvalidError
    return EPOCH + int(milliseconds) * MILLISECOND, key


def page_of(found: Sequence[T], limit: int, position: Callable[[T], Position]) -> tuple[Sequence[T], str | None]:
    """The first `limit` of up to `limit + 1` items, and the cursor of the next page, or None."""
    page = found[:limit]
    return page, cursor_of(*position(page[-1])) if len(found) > limit else None


def time_text(at: datetime | None) -> str | None:
    """A time as text, or None."""
    return None if at is None else written(at)
