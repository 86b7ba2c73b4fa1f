"""Computes due times in days or hours, either elapsed or of the working calendar with its holidays.

Working time counts from the start if that is in working hours, else from the next opening.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from shared.clock import utc_now

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MAX_DAYS = 3000
INSTANT, DAY = timedelta(microseconds=1), timedelta(days=1)
NO_WORKING_DAY = "no working day in the next years"
SOON = timedelta(days=14)
"""How long in advance a holiday should be confirmed."""
LATELY = timedelta(days=30)
AHEAD = timedelta(days=60)
"""How long in advance the holidays of a year should be known."""


@dataclass(frozen=True)
class Calendar:
    """When offices are open. Times are local to `zone`."""

    zone: ZoneInfo
    days: frozenset[int]
    opens: time
    closes: time
    holidays: frozenset[date]
    breaks: Mapping[int, tuple[time, time]] = field(default_factory=dict)
    """Breaks by day of the week, from when to when."""
    unconfirmed: frozenset[date] = frozenset()
    """Holidays that depend on the moon and are not confirmed."""
    _hours: dict[date, list[tuple[datetime, datetime]]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    """The opening hours of days that were computed before."""

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "Calendar":
        """The calendar that a file declares. Raises ValueError or KeyError for a wrong file."""
        week, holidays = data["working_week"], data["holidays"]
        calendar = cls(
            zone=ZoneInfo(data["timezone"]),
            days=frozenset(WEEKDAYS.index(day) for day in week["days"]),
            opens=time.fromisoformat(week["opens"]),
            closes=time.fromisoformat(week["closes"]),
            holidays=frozenset(date.fromisoformat(day["date"]) for day in holidays),
            breaks={
                WEEKDAYS.index(day): (time.fromisoformat(begins), time.fromisoformat(ends))
                for day, (begins, ends) in week.get("break", {}).items()
            },
            unconfirmed=frozenset(date.fromisoformat(day["date"]) for day in holidays if day.get("expected")),
        )
        if not calendar.days or calendar.opens >= calendar.closes:
            raise ValueError("a working week needs a day, and hours that open before they close")
        if any(not calendar.opens < begins < ends < calendar.closes for begins, ends in calendar.breaks.values()):
            raise ValueError("a break lies between opening and closing")
        return calendar

    def today(self) -> date:
        """The current date in the offices' time zone."""
        return utc_now().astimezone(self.zone).date()

    def to_confirm(self, today: date) -> list[date]:
        """Unconfirmed holidays that are near, before or after today; the first day of a year without holidays."""
        known = {day.year for day in self.holidays}
        missing = [date(year, 1, 1) for year in sorted({today.year, (today + AHEAD).year} - known)]
        return missing + sorted(day for day in self.unconfirmed if today - LATELY <= day <= today + SOON)

    def is_working_day(self, day: date) -> bool:
        """Whether offices open on that day."""
        return day.weekday() in self.days and day not in self.holidays

    def due(self, start: datetime, limit: dict[str, Any]) -> datetime:
        """The end of `limit` ({"days" or "hours", "calendar"}) counted from `start`, in UTC."""
        if limit["calendar"] == "elapsed":
            return start + timedelta(days=limit.get("days", 0), hours=limit.get("hours", 0))
        if "days" in limit:
            return self._add_days(start, int(limit["days"]))
        return self.after(start, timedelta(hours=limit["hours"]))

    def moved(self, due: datetime, paused: datetime, resumed: datetime, counted: str) -> datetime:
        """`due` after a pause: as much time is left after the pause as was left before it."""
        if counted == "elapsed":
            return due + (resumed - paused)
        return self.after(due, self.open_between(paused, resumed))

    def open_between(self, start: datetime, end: datetime) -> timedelta:
        """How long offices are open from `start` to `end`; zero if `end` comes first."""
        total, end = timedelta(), end.astimezone(self.zone)  # times of one zone are compared several times faster
        for begins, ends in self._opening_hours(start.astimezone(self.zone)):
            if begins >= end:
                break
            total += min(ends, end) - begins
        return total

    def _add_days(self, start: datetime, count: int) -> datetime:
        """The same time of day `count` working days after the first working moment; never in a break."""
        moment = self._next_open(start.astimezone(self.zone))
        day = moment.date()
        for _ in range(MAX_DAYS):
            if count == 0:
                break
            day += DAY
            count -= self.is_working_day(day)
        return self._next_open(datetime.combine(day, moment.timetz())).astimezone(UTC)

    def after(self, start: datetime, left: timedelta) -> datetime:
        """When offices have been open for `left` since `start`, in UTC."""
        if not left:
            return start
        for begins, ends in self._opening_hours(start.astimezone(self.zone)):
            if left <= ends - begins:
                return (begins + left).astimezone(UTC)
            left -= ends - begins
        raise ValueError(NO_WORKING_DAY)

    def closing(self, moment: datetime) -> datetime:
        """When offices close on the working day of `moment`, or on the next one, in UTC."""
        day = self._next_open(moment.astimezone(self.zone) - INSTANT).date()
        return datetime.combine(day, self.closes, self.zone).astimezone(UTC)

    def _next_open(self, moment: datetime) -> datetime:
        """`moment` if offices are open then, else the next opening."""
        begins, _ = next(self._opening_hours(moment), (None, None))
        if begins is None:
            raise ValueError(NO_WORKING_DAY)
        return begins

    def _opening_hours(self, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The opening hours from `moment` on, day after day."""
        day = moment.date()
        for begins, ends in self._hours_of(day):
            if moment < ends:
                yield max(moment, begins), ends
        for _ in range(MAX_DAYS):
            day += DAY
            yield from self._hours_of(day)

    def _hours_of(self, day: date) -> list[tuple[datetime, datetime]]:
        """The opening hours of a day, computed once."""
        if day not in self._hours:
            self._hours[day] = self._compute_hours(day)
        return self._hours[day]

    def _compute_hours(self, day: date) -> list[tuple[datetime, datetime]]:
        if not self.is_working_day(day):
            return []
        opens, closes = (datetime.combine(day, at, self.zone) for at in (self.opens, self.closes))
        if (pause := self.breaks.get(day.weekday())) is None:
            return [(opens, closes)]
        begins, ends = (datetime.combine(day, at, self.zone) for at in pause)
        return [(opens, begins), (ends, closes)]
