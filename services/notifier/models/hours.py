"""When digests of work are sent: at fixed times within working hours."""

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Self

from services.notifier.models.officer import Frequency
from services.notifier.models.preferences import DAY
from shared.clock import PAKISTAN

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)")
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """Hours and days (0 is Monday) in Pakistan's time, and the minimum interval between digests."""

    opens: timedelta
    closes: timedelta
    days: frozenset[int]
    gather: timedelta

    @classmethod
    def of(cls, hours: str, days: str, gather: float) -> Self:
        """Working hours from settings: `08:00-18:00`, `mon tue wed`, seconds. Raises ValueError."""
        found = HOURS.fullmatch(hours)
        names = days.split()
        if found is None or not names or not set(names) <= set(DAYS):
            raise ValueError("RABTA_WORK_HOURS must look like 08:00-18:00, RABTA_WORK_DAYS like mon tue wed thu fri")
        numbers = [int(number) for number in found.groups()]
        opens, closes = (timedelta(hours=h, minutes=m) for h, m in (numbers[:2], numbers[2:]))
        if not opens < closes <= DAY:
            raise ValueError("RABTA_WORK_HOURS must end later than they begin, on the same day")
        return cls(opens, closes, frozenset(DAYS.index(name) for name in names), timedelta(seconds=gather))

    def last(self, often: Frequency, now: datetime) -> datetime:
        """The last fixed time up to `now` for a frequency."""
        here = now.astimezone(PAKISTAN)
        midnight = datetime.combine(here.date(), time(), PAKISTAN)
        while midnight.weekday() not in self.days or here < midnight + self.opens:
            midnight -= DAY
        opening = midnight + self.opens
        if often is Frequency.DAILY:
            return opening.astimezone(now.tzinfo)
        every = HOUR if often is Frequency.HOURLY else self.gather
        passed = min(here, midnight + self.closes) - opening
        return (opening + passed // every * every).astimezone(now.tzinfo)
