"""Months, as figures are published by, in the time zone of the portal."""

from datetime import datetime

from shared.clock import PAKISTAN

MONTH = r"^2\d{3}-(0[1-9]|1[0-2])$"
"""How a month is written."""
MONTHS_SHOWN = 12
MAX_MONTHS = 60


def month_of(at: datetime) -> str:
    """The month of a moment: 2026-11."""
    return f"{at.astimezone(PAKISTAN):%Y-%m}"


def earlier(month: str, months: int) -> str:
    """The month that is `months` months earlier."""
    total = int(month[:4]) * 12 + int(month[5:]) - 1 - months
    return f"{total // 12:04}-{total % 12 + 1:02}"


def months_between(first: str, last: str) -> list[str]:
    """The months from the first to the last; none if the first is later. At most one more than `MAX_MONTHS`."""
    found: list[str] = []
    while (month := earlier(first, -len(found))) <= last and len(found) <= MAX_MONTHS:
        found.append(month)
    return found
