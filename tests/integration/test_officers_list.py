"""A department's list and a service's durations on the real database: read in order from their indexes."""

import asyncio
import itertools
from collections import Counter
from datetime import timedelta
from typing import Any, cast

import pytest
from pymongo import DESCENDING

from services.routing.directory import Directory
from services.routing.models.assignment import OPEN, Assignment, AssignmentState
from services.routing.models.colleague import StaffCopy
from services.routing.models.worklist import NOBODY, Order, WorklistFilter, clock_of
from services.routing.service.colleagues import StaffNames
from services.routing.service.deciding import Actor
from services.routing.service.worklist import Worklist
from services.routing.store.assignments import DONE_FIELDS, AssignmentStore, done_query
from services.routing.store.departments import DepartmentStore, ServiceStore
from services.routing.store.indexes import DUE_SOONEST, ORDERS, index_for, list_index
from services.routing.store.worklist import LINES, WorklistStore, department_query
from shared.clock import utc_now
from shared.mongo import Database, ServerClock
from tests.builders import KEYS, an_assignment
from tests.fakes import START, MemoryStore
from tests.integration.plans import examined, stages_of

HERE = 40
OFFICER = "0" * 32


@pytest.fixture
async def store(database: Database, clock: ServerClock) -> AssignmentStore:
    """Assignments of ten departments, every third open."""
    store = AssignmentStore(database["assignments"], clock, lease=8, settle_after=120)
    await store.create_indexes()
    await store.insert_many(
        [
            an_assignment(
                f"RB-{n:04d}",
                department=f"d{n % 10}",
                service=f"s{n % 10}",
                state=AssignmentState.RESOLVED if n % 3 else list(OPEN)[n % len(OPEN)],
                routed_at=START,
                due_at=START + timedelta(hours=n // 20),
                resolved_at=START + timedelta(hours=n) if n % 3 else None,
            )
            for n in range(10 * HERE)
        ]
    )
    return store


async def many(store: AssignmentStore, count: int = 120) -> list[Assignment]:
    """The department `busy`: assignments for every filter, due from ten days ago on."""
    now, states = utc_now(), list(AssignmentState)[1:]
    made = [
        an_assignment(
            f"RB-B{n:03d}",
            department="busy",
            service=f"s{n % 3}",
            district=f"d{n % 4}",
            kind="complaint" if n % 5 else "appeal",
            state=states[n % len(states)],
            routed_at=now - timedelta(days=20, hours=n // 2),
            due_at=now + timedelta(hours=n // 2 * 8 - 240),
            taken_by=None if n % 3 == 0 else f"{n % 3 - 1}" * 32,
            for_head=n % 7 == 0,
            channel=(None, "web", "phone")[n % 3],
            changed_at=now - timedelta(hours=n % 50),
            resolved_at=now - timedelta(days=n % 40) if states[n % len(states)] not in OPEN else None,
            copied=n % 5 == 0,
        )
        for n in range(count)
    ]
    await store.insert_many(made)
    return made


ASKED: dict[str, Any] = {
    "service": "s1",
    "district": "d2",
    "kind": "complaint",
    "late": True,
    "due_within": timedelta(hours=100),
    "for_head": False,
    "taken_by": OFFICER,
    "order": "newest",
}
COMBINATIONS = [names for count in (0, 1, 2, len(ASKED)) for names in itertools.combinations(ASKED, count)]


def holds(one: Assignment, wanted: WorklistFilter) -> bool:
    """Whether an assignment matches the filters; a second, simple implementation."""
    now = utc_now()
    assert one.due_at is not None
    late, clock = one.due_at < now, clock_of(one, now)
    within = wanted.due_within
    return (
        one.state in wanted.states
        and wanted.service in (None, one.service)
        and wanted.district in (None, one.district)
        and wanted.kind in (None, one.kind)
        and wanted.late in (None, clock == "late")
        and (within is None or (clock in ("due_soon", "running") and not late and one.due_at < now + within))
        and wanted.for_head in (None, one.for_head)
        and (wanted.taken_by is None or one.taken_by == (None if wanted.taken_by == NOBODY else wanted.taken_by))
        and received_and_changed(one, wanted)
    )


def received_and_changed(one: Assignment, wanted: WorklistFilter) -> bool:
    """Whether an assignment matches the filters for its times."""
    assert one.routed_at is not None
    assert one.changed_at is not None
    return (
        (wanted.received_from is None or one.routed_at >= wanted.received_from)
        and wanted.channel in (None, one.channel)
        and wanted.copied in (None, one.copied)
        and (wanted.received_until is None or one.routed_at < wanted.received_until)
        and (wanted.changed_since is None or one.changed_at >= wanted.changed_since - timedelta(seconds=2))
    )


async def test_a_departments_list_comes_from_its_indexes_in_order(store: AssignmentStore) -> None:
    cursors = (None, (START + timedelta(hours=3), "RB-0070"))
    for states, after in itertools.product(
        (list(OPEN), [AssignmentState.RESOLVED], [AssignmentState.ROUTED, AssignmentState.RESOLVED]), cursors
    ):
        query = department_query("d1", WorklistFilter(states), utc_now(), after)
        found = store.collection.find(query, LINES).sort(DUE_SOONEST).limit(5).hint(list_index(DUE_SOONEST))
        plan = await found.explain()
        stages = stages_of(plan["queryPlanner"]["winningPlan"])
        assert "IXSCAN" in stages
        assert not stages & {"COLLSCAN", "SORT"}, (states, after)
        assert examined(plan) <= HERE
    page = await WorklistStore(store).of_department("d1", WorklistFilter(), after=None, limit=100)
    assert [(one.due_at, one.id) for one in page] == sorted((one.due_at, one.id) for one in page if one.due_at)


async def test_what_is_asked_is_found_and_nothing_else_is_read(store: AssignmentStore) -> None:
    made = await many(store)
    for names in COMBINATIONS:
        wanted = WorklistFilter(**{name: ASKED[name] for name in names})
        order = ORDERS[wanted.order]
        at = made[60].routed_at if wanted.order == "newest" else made[60].due_at
        assert at is not None
        for after in (None, (at, made[60].id)):
            query = department_query("busy", wanted, utc_now(), after)
            found = store.collection.find(query, LINES).sort(order).limit(10).hint(list_index(order))
            plan = await found.explain()
            assert not stages_of(plan["queryPlanner"]["winningPlan"]) & {"COLLSCAN", "SORT"}, names
            assert examined(plan) <= 10 + len(wanted.states), names  # each state's own part looks one ahead
        listed = await WorklistStore(store).of_department("busy", wanted, after=None, limit=200)
        assert {one.id for one in listed} == {one.id for one in made if holds(one, wanted)}, names


@pytest.mark.parametrize("order", ["changed", "unchanged", "newest", "due"])
async def test_lists_by_received_and_changed_times_are_complete_and_counted(
    store: AssignmentStore, order: Order
) -> None:
    made, now, worklist = await many(store), utc_now(), Worklist(WorklistStore(store), colleagues_of(store))
    wanted = WorklistFilter(
        tuple(AssignmentState),
        received_from=now - timedelta(days=22),
        received_until=now - timedelta(days=20, hours=5),
        changed_since=now - timedelta(hours=30),
        channel="phone",
        copied=False,
        order=order,
    )
    query = store.collection.find(department_query("busy", wanted, now, None), LINES).sort(ORDERS[order])
    plan = await query.hint(index_for(wanted)).explain()
    # MongoDB merges the index's part for each state, except where the state comes after the order.
    assert not stages_of(plan["queryPlanner"]["winningPlan"]) & {"COLLSCAN", "SORT"}
    listed: list[str] = []
    cursor: str | None = None
    while not listed or cursor:
        page = await worklist.page(Actor(OFFICER, "busy"), wanted, cursor, 7)
        listed += [line["number"] for line in page["assignments"]]
        cursor = page["next"]
    times = {one.id: {"due": one.due_at, "newest": one.routed_at}.get(order, one.changed_at) for one in made}
    ordered = [times[number] for number in listed]
    assert ordered == sorted(ordered, key=str, reverse=order in ("newest", "changed"))
    assert sorted(listed) == [one.id for one in made if holds(one, wanted)]
    totals = await worklist.totals("busy", OFFICER, wanted)
    opened = [one for one in made if received_and_changed(one, wanted) and one.state in OPEN]
    mine = [one for one in opened if one.taken_by == OFFICER]
    assert totals == {"list": len(listed), "all": len(listed), "department": len(opened), "mine": len(mine)}


async def test_open_ones_longest_without_a_change_are_found_among_few(store: AssignmentStore) -> None:
    made, wanted = await many(store), WorklistFilter(order="unchanged")
    query = department_query("busy", wanted, utc_now(), None)
    plan = await store.collection.find(query, LINES).sort(ORDERS["unchanged"]).hint(index_for(wanted)).explain()
    listed = await WorklistStore(store).of_department("busy", wanted, after=None, limit=200)
    assert examined(plan) == len(listed) == sum(one.state in OPEN for one in made)
    assert [one.changed_at for one in listed] == sorted(one.changed_at for one in listed if one.changed_at)


async def test_numbers_are_looked_up_one_by_one(store: AssignmentStore) -> None:
    made = await many(store)
    numbers = [made[3].id, made[50].id, "RB-0001", "RB-9999"]
    wanted = WorklistFilter(tuple(AssignmentState), numbers=numbers)
    plan = await store.collection.find(department_query("busy", wanted, utc_now(), None), LINES).explain()
    assert examined(plan) <= len(numbers)
    found = await WorklistStore(store).of_department("busy", wanted, after=None, limit=50)
    assert [one.id for one in found] == [made[3].id, made[50].id]


async def test_walking_the_pages_while_rows_change_loses_and_doubles_nothing(store: AssignmentStore) -> None:
    made, worklist = await many(store), Worklist(WorklistStore(store), colleagues_of(store))
    for wanted in (WorklistFilter(), WorklistFilter(order="newest"), WorklistFilter(district="d1")):
        seen: list[str] = []
        cursor: str | None = None
        walked = asyncio.Event()
        working = asyncio.create_task(work_until(store, walked))
        while True:
            page = await worklist.page(Actor("0" * 32, "busy"), wanted, cursor, 5)
            seen += [line["number"] for line in page["assignments"]]
            cursor = page["next"]
            if cursor is None:
                break
        walked.set()
        await working
        assert len(seen) == len(set(seen))
        assert {one.id for one in made if holds(one, wanted)} <= set(seen)


async def work_until(store: AssignmentStore, walked: asyncio.Event) -> None:
    """Add and close other assignments until the event is set."""
    for n in itertools.count():
        if walked.is_set():
            return
        made = an_assignment(
            f"RB-N{n:05d}", department="busy", state=AssignmentState.ROUTED, due_at=utc_now(), routed_at=START
        )
        await store.insert_many([made])
        loaded = await store.get(made.id)
        assert loaded is not None
        loaded.state = AssignmentState.CLOSED
        await store.save_many([loaded])


def directory_of(store: AssignmentStore) -> Directory:
    """An empty directory."""
    database, marks = store.collection.database, {"lease": 8.0, "settle_after": 120.0}
    departments = DepartmentStore(database["departments"], store.clock, **marks)
    return Directory(departments, ServiceStore(database["services"], store.clock, **marks))


def colleagues_of(store: AssignmentStore) -> StaffNames:
    """Names of staff, all unknown."""
    return StaffNames(MemoryStore(StaffCopy), directory_of(store), KEYS)


async def test_counts_are_those_of_the_lists(store: AssignmentStore) -> None:
    made, worklist = await many(store), Worklist(WorklistStore(store), colleagues_of(store))
    counts = await worklist.counts("busy", OFFICER)
    lists: dict[str, WorklistFilter] = {
        "open": WorklistFilter(),
        "new": WorklistFilter((AssignmentState.ROUTED, AssignmentState.REOPENED)),
        "late": WorklistFilter(late=True),
        "due_soon": WorklistFilter(due_within=timedelta(hours=48)),
        "waiting": WorklistFilter((AssignmentState.QUESTIONED,)),
        "mine": WorklistFilter(taken_by=OFFICER),
        "for_head": WorklistFilter(for_head=True),
        "appeals": WorklistFilter(kind="appeal"),
        "resolved": WorklistFilter((AssignmentState.RESOLVED,)),
    }
    found = {
        name: len(await WorklistStore(store).of_department("busy", w, after=None, limit=200))
        for name, w in lists.items()
    }
    assert found == {name: cast(dict[str, Any], counts)[name] for name in lists}
    assert all(found.values())
    there = Counter(str(one.state) for one in made if one.state is not AssignmentState.CLOSED)
    assert counts["states"] == there
    opened = [one for one in made if one.state in OPEN]
    assert counts["services"] == Counter(one.service for one in opened)
    assert counts["districts"] == Counter(one.district for one in opened)
    assert (await worklist.counts("nowhere", OFFICER))["open"] == 0


async def test_a_head_sees_late_requests_by_age_and_officer(store: AssignmentStore) -> None:
    made, worklist = await many(store), Worklist(WorklistStore(store), colleagues_of(store))
    seen = await worklist.overview("busy", "en")
    now = utc_now()
    late = [one for one in made if clock_of(one, now) == "late"]
    ages = Counter((now - one.due_at).days + 1 for one in late if one.due_at)
    assert [(age["from_days"], age["to_days"]) for age in seen["late_for"]] == [
        (1, 3),
        (4, 7),
        (8, 30),
        (31, None),
    ]
    assert [age["count"] for age in seen["late_for"]] == [
        sum(count for days, count in ages.items() if first <= days <= last)
        for first, last in ((1, 3), (4, 7), (8, 30), (31, 999))
    ]
    assert sum(age["count"] for age in seen["late_for"]) == seen["late"] == len(late) > 0
    by = Counter(one.taken_by for one in late)
    assert {load["with"] and load["with"]["id"]: load["late"] for load in seen["officers"] if load["late"]} == by
    assert [load["late"] for load in seen["officers"]] == sorted(by.values(), reverse=True)
    assert sum(load["open"] for load in seen["officers"]) == seen["open"]


async def test_a_head_sees_recent_resolutions_and_copied_replies(store: AssignmentStore) -> None:
    made, worklist = await many(store), Worklist(WorklistStore(store), colleagues_of(store))
    seen, now = await worklist.overview("busy", "en"), utc_now()
    done = [one for one in made if one.resolved_at and now - one.resolved_at < timedelta(days=30)]
    week = [one for one in done if one.resolved_at and now - one.resolved_at < timedelta(days=7)]
    assert (seen["resolved_7"], seen["resolved_30"], seen["copied_30"]) == (
        len(week),
        len(done),
        sum(one.copied for one in done),
    )
    by = Counter(one.taken_by for one in done)
    assert {load["with"] and load["with"]["id"]: load["resolved_30"] for load in seen["officers"]} == by
    assert seen["under_appeal"] == sum(one.state is AssignmentState.UNDER_APPEAL for one in made)


async def test_counting_reads_nothing_but_the_index(store: AssignmentStore) -> None:
    await many(store)
    database = store.collection.database
    await database.command("profile", 2)
    await WorklistStore(store).tallied("busy", ("state", "service", "district"), OFFICER)
    await WorklistStore(store).tallied("busy", ("taken_by",), "")
    await WorklistStore(store).done_lately("busy")
    await WorklistStore(store).of_department("busy", WorklistFilter(), after=None, limit=5)
    await database.command("profile", 0)
    asked = await database["system.profile"].find({"ns": store.collection.full_name}).to_list(None)
    assert len(asked) == 5  # with the look for hidden ones
    assert all(0 < entry["command"]["maxTimeMS"] <= 2000 for entry in asked)
    counted = [entry for entry in asked if "aggregate" in entry["command"]]
    assert [entry["docsExamined"] for entry in counted] == [0, 0, 0]
    assert {"department", "state", "service", "taken_by"} <= dict(list_index(DUE_SOONEST)).keys()


async def test_a_services_past_is_read_from_the_index_alone(store: AssignmentStore) -> None:
    query = done_query("s1", START)
    plan = await store.collection.find(query, DONE_FIELDS).sort("resolved_at", DESCENDING).limit(10).explain()
    assert not stages_of(plan["queryPlanner"]["winningPlan"]) & {"COLLSCAN", "SORT", "FETCH"}
    assert examined(plan) == 0
    done = await store.done("s1", START, 10)
    assert len(done) == 10
    assert [one.until for one in done] == sorted((one.until for one in done), reverse=True)
    assert {one.department for one in done} == {"d1"}
    await store.collection.update_one({"service": "s1", "resolved_at": done[0].until}, {"$set": {"kind": "appeal"}})
    assert [one.until for one in await store.done("s1", START, 9)] == [one.until for one in done[1:]]
    assert await store.done("s1", START + timedelta(days=1000), 10) == []
