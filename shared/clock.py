"""The time of day as a port, so that rules about time can be tried at any time, and the one way to write a time."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import PlainSerializer, WithJsonSchema

Clock = Callable[[], datetime]
PAKISTAN = ZoneInfo("Asia/Karachi")
"""The time of day that people read and write."""
DATE_TIME = WithJsonSchema({"type": "string", "format": "date-time"})


def utc_now() -> datetime:
    """The time of day, aware, in UTC, cut to the milliseconds that BSON keeps."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def written(at: datetime) -> str:
    """A time as answers and events have it: RFC 3339, in UTC, to the millisecond, with `Z`."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


Moment = Annotated[datetime, PlainSerializer(written, when_used="json"), DATE_TIME]
"""A time that is written so in JSON."""
TimeText = Annotated[str, DATE_TIME]
"""A time that was written so already."""
