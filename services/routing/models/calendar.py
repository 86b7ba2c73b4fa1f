"""Due times: days or hours, of the clock or of the working calendar with its holidays.

Working time counts from the moment the clock starts if that is in working hours, else from the next opening.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MAX_DAYS = 3000
INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Calendar:
    """When offices are open. Times are local to `zone`."""

    zone: ZoneInfo
    days: frozenset[int]
    opens: time
    closes: time
    holidays: frozenset[date]

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "Calendar":
        """The calendar that a file declares. Raises ValueError or KeyError when it is not one."""
        week = data["working_week"]
        calendar = cls(
            zone=ZoneInfo(data["timezone"]),
            days=frozenset(WEEKDAYS.index(day) for day in week["days"]),
            opens=time.fromisoformat(week["opens"]),
            closes=time.fromisoformat(week["closes"]),
            holidays=frozenset(date.fromisoformat(day["date"]) for day in data["holidays"]),
        )
        if not calendar.days or calendar.opens >= calendar.closes:
            raise ValueError("a working week needs a day, and hours that open before they close")
        return calendar

    def is_working_day(self, day: date) -> bool:
        """Whether offices open on that day."""
        return day.weekday() in self.days and day not in self.holidays

    def due(self, start: datetime, limit: dict[str, Any]) -> datetime:
        """When `limit` ({"days" or "hours", "calendar"}) from `start` is over, in UTC."""
        if limit["calendar"] == "elapsed":
            return start + timedelta(days=limit.get("days", 0), hours=limit.get("hours", 0))
        if "days" in limit:
            return self._add_days(start, int(limit["days"]))
        return self.after(start, timedelta(hours=limit["hours"]))

    def moved(self, due: datetime, paused: datetime, resumed: datetime, counted: str) -> datetime:
        """`due` after a pause: as much of its time is left when work goes on as was left when it stopped."""
        if counted == "elapsed":
            return due + (resumed - paused)
        return self.after(due, self.open_between(paused, resumed))

    def open_between(self, start: datetime, end: datetime) -> timedelta:
        """How long offices are open from `start` to `end`; nothing when `end` comes first."""
        first, last, total = start.astimezone(self.zone), end.astimezone(self.zone), timedelta()
        day = first.date()
        for _ in range(MAX_DAYS):
            if day > last.date():
                break
            if self.is_working_day(day):
                opens = max(first, datetime.combine(day, self.opens, self.zone))
                closes = min(last, datetime.combine(day, self.closes, self.zone))
                total += max(closes - opens, timedelta())
            day += timedelta(days=1)
        return total

    def _add_days(self, start: datetime, count: int) -> datetime:
        """The same time of day `count` working days after the first working moment."""
        moment = self._next_open(start.astimezone(self.zone))
        day = moment.date()
        for _ in range(MAX_DAYS):
            if count == 0:
                break
            day += timedelta(days=1)
            count -= self.is_working_day(day)
        return datetime.combine(day, moment.timetz()).astimezone(UTC)

    def after(self, start: datetime, left: timedelta) -> datetime:
        """When offices have been open for as long as `left` since `start`, in UTC."""
        if not left:
            return start
        moment = self._next_open(start.astimezone(self.zone))
        for _ in range(MAX_DAYS):
            closing = datetime.combine(moment.date(), self.closes, self.zone)
            if left <= closing - moment:
                break
            left -= closing - moment
            moment = self._next_open(closing)
        return (moment + left).astimezone(UTC)

    def closing(self, moment: datetime) -> datetime:
        """When offices close on the working day of `moment`, or on the next one, in UTC."""
        day = self._next_open(moment.astimezone(self.zone) - INSTANT).date()
        return datetime.combine(day, self.closes, self.zone).astimezone(UTC)

    def _next_open(self, moment: datetime) -> datetime:
        """`moment` if offices are open then, else the next opening."""
        for _ in range(MAX_DAYS):
            if self.is_working_day(moment.date()) and moment.timetz().replace(tzinfo=None) < self.closes:
                return max(moment, datetime.combine(moment.date(), self.opens, self.zone))
            moment = datetime.combine(moment.date() + timedelta(days=1), self.opens, self.zone)
        raise ValueError("no working day in the next years")
