"""The clock, which tests replace, and the one text form of times."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import PlainSerializer, WithJsonSchema

Clock = Callable[[], datetime]
PAKISTAN = ZoneInfo("Asia/Karachi")
"""The time zone of all times that people read and write."""
DATE_TIME = WithJsonSchema({"type": "string", "format": "date-time"})


def utc_now() -> datetime:
    """The current time in UTC, truncated to the milliseconds that BSON keeps."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def written(at: datetime) -> str:
    """A time as text in answers and events: RFC 3339, in UTC, with milliseconds and `Z`."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


Moment = Annotated[datetime, PlainSerializer(written, when_used="json"), DATE_TIME]
"""A time that JSON has in this form."""
TimeText = Annotated[str, DATE_TIME]
"""A time that is already text in this form."""
