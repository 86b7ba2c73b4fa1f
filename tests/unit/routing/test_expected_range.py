"""The expected range: none with few requests, and never earlier for a slower past."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from services.routing.estimating import MIN_COUNT, duration_stats, within
from services.routing.models.acts import Transfer
from services.routing.store.assignments import Done
from shared import events
from tests.builders import CITIZEN, NUMBER, a_service_copy
from tests.unit.routing.office import CALENDAR, Office, submitted
from tests.unit.routing.test_replies import resolving

ZONE = ZoneInfo("Asia/Karachi")
DURATIONS = st.lists(st.timedeltas(timedelta(0), timedelta(days=30)), min_size=MIN_COUNT, max_size=200)
STARTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(lambda at: at.replace(tzinfo=UTC))
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=ZONE).astimezone(UTC)


def done(hours: float, department: str = "power") -> Done:
    """A request that took some hours on a working day of last week."""
    end = MONDAY - timedelta(days=5, hours=-hours)
    return Done(department, end - timedelta(hours=hours), end)


async def an_office(*past: Done, **service: Any) -> Office:
    """An office whose only service has this past."""
    office = await Office().open(knows_services=False)
    await office.services.insert_many([a_service_copy(**service)])
    await office.directory.refresh()
    office.done.of["street-light-out"] = list(past)
    await office.estimator.refresh()
    return office


@given(DURATIONS)
def test_the_percentiles_are_by_nearest_rank(durations: list[timedelta]) -> None:
    past = duration_stats(durations)
    assert past is not None
    assert past.based_on == len(durations)
    assert past.half in durations
    assert past.most in durations
    for share, within_it in ((0.5, past.half), (0.9, past.most)):
        assert sum(took <= within_it for took in durations) >= share * len(durations)
        assert sum(took < within_it for took in durations) < share * len(durations)


@given(DURATIONS, st.timedeltas(timedelta(0), timedelta(days=9)))
def test_a_slower_past_is_never_expected_earlier(durations: list[timedelta], slower: timedelta) -> None:
    quick, slow = duration_stats(durations), duration_stats([took + slower for took in durations])
    assert quick is not None
    assert slow is not None
    assert (quick.half + slower, quick.most + slower) == (slow.half, slow.most)
    assert quick.half <= quick.most


def test_fewer_than_thirty_requests_give_no_range() -> None:
    assert duration_stats([timedelta(hours=1)] * (MIN_COUNT - 1)) is None
    assert duration_stats([timedelta(hours=1)] * MIN_COUNT) is not None
    assert within([timedelta(hours=n) for n in range(1, 11)], 90) == timedelta(hours=9)


@given(STARTS, DURATIONS)
def test_the_expected_date_is_rounded_up_to_the_end_of_a_working_day(
    start: datetime, durations: list[timedelta]
) -> None:
    past = duration_stats(durations)
    assert past is not None
    half, most = (CALENDAR.closing(CALENDAR.after(start, took)) for took in (past.half, past.most))
    assert start <= half <= most
    for shown, took in ((half, past.half), (most, past.most)):
        local = shown.astimezone(ZONE)
        assert CALENDAR.is_working_day(local.date())
        assert local.timetz().replace(tzinfo=None) == CALENDAR.closes
        assert CALENDAR.open_between(start, shown) >= took
        assert CALENDAR.open_between(start, shown) - took <= timedelta(hours=8)


def at(text: str) -> datetime:
    """A local time."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


async def test_the_departments_past_is_used_before_the_services() -> None:
    office = await an_office(*[done(1)] * 29, *[done(6, "roads")] * 31)
    now = at("2026-03-02T10:00")
    roads = office.estimator.expected("street-light-out", "roads", now)
    assert roads is not None
    assert (roads.of, roads.based_on) == ("department", 31)
    assert roads.half_by == roads.most_by == at("2026-03-02T17:00")
    power = office.estimator.expected("street-light-out", "power", now)
    assert power is not None
    assert (power.of, power.based_on) == ("service", 60)
    assert office.estimator.expected("another", "roads", now) is None


async def test_a_service_in_calendar_time_counts_nights() -> None:
    office = await an_office(
        *[done(30)] * MIN_COUNT, due={"hours": 48, "calendar": "elapsed"}, respond={"hours": 1, "calendar": "elapsed"}
    )
    found = office.estimator.expected("street-light-out", "power", at("2026-03-07T10:10"))
    assert found is not None
    assert found.half_by == at("2026-03-08T17:00")


async def test_the_event_contains_the_range_once_there_are_thirty() -> None:
    office = await an_office(*[done(2)] * (MIN_COUNT - 1))
    await office.receive(submitted())
    assert '"expected"' not in str(office.assignments.documents[NUMBER]["events"])
    office = await an_office(*[done(2)] * MIN_COUNT)
    await office.receive(submitted())
    assert '"based_on":30' in str(office.assignments.documents[NUMBER]["events"])


async def test_a_reopened_request_has_no_range_even_after_a_transfer() -> None:
    office = await an_office(*[done(2)] * MIN_COUNT)
    await office.receive(submitted())
    await office.act(*resolving(NUMBER, "The lamp was replaced on Tuesday."))
    await office.receive(events.RequestDisputed(citizen_id=CITIZEN, reason="not_done"))
    await office.as_head(Transfer(to="roads", reason="It is theirs."))
    routed = [e["data"] for e in office.assignments.documents[NUMBER]["events"] if e["type"] == "request.routed.v1"]
    assert ['"based_on":30' in str(data) for data in routed] == [True, False]
