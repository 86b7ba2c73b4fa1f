"""The clock, which tests replace, and the one text form of times."""

from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import PlainSerializer, WithJsonSchema

Clock = Callable[[], datetime]
PAKISTAN = ZoneInfo("Asia/Karachi")
"""The time zone of all times that people read and write."""
FIRST_YEAR, LAST_YEAR = 1900, 9000
DATE_TIME = WithJsonSchema({"type": "string", "format": "date-time"})


def utc_now() -> datetime:
    """The current time in UTC, truncated to the milliseconds that BSON keeps."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def zoned(at: datetime, zone: tzinfo = UTC) -> datetime:
    """The time, in this zone unless it names one. Raises ValueError for a year in which sums of times could fail."""
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise ValueError("out of range")
    return at if at.tzinfo else at.replace(tzinfo=zone)


def written(at: datetime) -> str:
    """A time as text in answers and events: RFC 3339, in UTC, with milliseconds and `Z`."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


Moment = Annotated[datetime, PlainSerializer(written, when_used="json"), DATE_TIME]
"""A time that JSON has in this form."""
TimeText = Annotated[str, DATE_TIME]
"""A time that is already text in this form."""
