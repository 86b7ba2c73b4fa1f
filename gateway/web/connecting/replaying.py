"""From where messages come again, as a form says it."""

from datetime import datetime, timedelta
from typing import Any

from gateway.web.visit import Visit
from shared.clock import PAKISTAN

MAX_DAYS = 31
MAX_DIGITS = 12


def replay_of(visit: Visit) -> dict[str, Any]:
    """From where messages come again, as the API takes it. Raises FormError."""
    first, day = visit.form.value("after"), visit.form.value("since")
    if first.isascii() and first.isdigit() and len(first) <= MAX_DIGITS:
        return {"after": max(int(first) - 1, 0)}
    try:
        since = datetime.fromisoformat(day).replace(tzinfo=PAKISTAN) if day and not first else None
    except ValueError:
        since = None
    if since is None or since < datetime.now(PAKISTAN) - timedelta(days=MAX_DAYS):
        visit.form.fail("after", visit.say("Write a number, or choose a day of the last 30 days."))
    return {"since": since.isoformat()}
