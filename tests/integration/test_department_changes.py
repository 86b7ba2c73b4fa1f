"""Changes at a department on the real database: each is returned once, in order, from the index."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from services.routing import schemas
from services.routing.directory import Directory
from services.routing.models.assignment import Assignment, AssignmentState
from services.routing.models.colleague import StaffCopy
from services.routing.service.colleagues import StaffNames
from services.routing.service.worklist import Worklist
from services.routing.store.assignments import AssignmentStore
from services.routing.store.departments import DepartmentStore, ServiceStore
from services.routing.store.indexes import CHANGES
from services.routing.store.worklist import WorklistStore
from shared.errors import BadRequestError
from shared.mongo import Database, ServerClock
from tests.builders import KEYS, an_assignment
from tests.fakes import START, MemoryStore

BEFORE_ALL = "0"


@pytest.fixture
async def store(database: Database, clock: ServerClock) -> AssignmentStore:
    """Assignments of the department `busy`, one a minute, among many of others."""
    store = AssignmentStore(database["assignments"], clock, lease=8, settle_after=120)
    await store.create_indexes()
    await store.insert_many(
        [routed(n, "busy" if n % 10 == 0 else f"d{n % 10}", START + timedelta(seconds=6 * n)) for n in range(400)]
    )
    return store


def routed(n: int, department: str, at: datetime) -> Assignment:
    """An assignment that came to a department at that time."""
    made = an_assignment(f"RB-{n:04d}", department=department, state=AssignmentState.UNVERIFIED)
    made.take("route", at, by="routing", because={"en": "A rule", "ur": "ایک اصول"})
    return made


def changes_of(store: AssignmentStore) -> Worklist:
    """The use case on that store, without names of staff."""
    database, marks = store.collection.database, {"lease": 8.0, "settle_after": 120.0}
    directory = Directory(
        DepartmentStore(database["departments"], store.clock, **marks),
        ServiceStore(database["services"], store.clock, **marks),
    )
    return Worklist(WorklistStore(store), StaffNames(MemoryStore[StaffCopy](StaffCopy), directory, KEYS))


async def walked(worklist: Worklist, cursor: str, limit: int = 7) -> list[schemas.AssignmentChange]:
    """All changes after a cursor, read page by page."""
    told: dict[str, schemas.AssignmentChange] = {}
    while True:
        page = await worklist.changes("busy", cursor, limit, "en")
        told |= {one["id"]: one for one in page["updates"]}
        if page["next"] == cursor:
            return list(told.values())
        cursor = page["next"]


async def test_every_change_is_listed_once_in_order(store: AssignmentStore) -> None:
    worklist = changes_of(store)
    told = await walked(worklist, BEFORE_ALL)
    assert [one["number"] for one in told] == [f"RB-{n:04d}" for n in range(0, 400, 10)]
    assert {(one["action"], one["state"], one["by"], one["by_name"]) for one in told} == {
        ("route", "routed", "routing", None)
    }
    assert [one["number"] for one in await walked(worklist, told[-3]["id"])] == ["RB-0380", "RB-0390"]


async def test_changes_of_the_same_moment_are_all_listed(store: AssignmentStore) -> None:
    at = START + timedelta(days=1)
    await store.insert_many([routed(n, "busy", at) for n in range(1000, 1020)])
    last = (await walked(changes_of(store), BEFORE_ALL, limit=500))[39]["id"]
    assert [one["number"] for one in await walked(changes_of(store), last, limit=3)] == [
        f"RB-{n}" for n in range(1000, 1020)
    ]


async def test_a_change_is_listed_in_its_present_state(store: AssignmentStore) -> None:
    worklist = changes_of(store)
    assignment = await store.get("RB-0100")
    assert assignment is not None
    for minute, action in enumerate(("accept", "progress")):
        assignment.take(action, START + timedelta(days=2, minutes=minute), by="f" * 32, sealed_words=None)
    assert not await store.save_many([assignment])
    [*_, last] = await walked(worklist, BEFORE_ALL)
    assert (last["number"], last["action"], last["state"], last["by"]) == (
        "RB-0100", "progress", "in_progress", "f" * 32,
    )  # fmt: skip


async def test_a_change_that_was_written_late_is_still_listed(store: AssignmentStore) -> None:
    worklist = changes_of(store)
    cursor = (await walked(worklist, BEFORE_ALL))[-1]["id"]
    seen = (await worklist.changes("busy", cursor, 100, "en"))["updates"]
    assert seen == []
    await store.insert_many([routed(2000, "busy", START + timedelta(seconds=6 * 390 - 1))])
    late = await worklist.changes("busy", cursor, 100, "en")
    assert ([one["number"] for one in late["updates"]], late["next"]) == (["RB-2000"], cursor)


async def test_without_a_cursor_only_the_present_position_is_returned(store: AssignmentStore) -> None:
    first = await changes_of(store).changes("busy", "", 100, "en")
    assert first["updates"] == []
    assert await walked(changes_of(store), first["next"]) == []
    with pytest.raises(BadRequestError):
        await changes_of(store).changes("busy", "yesterday", 100, "en")


async def test_changes_are_read_from_their_index(store: AssignmentStore) -> None:
    database = store.collection.database
    await database.command("profile", 2)
    await walked(changes_of(store), BEFORE_ALL, limit=5)
    await database.command("profile", 0)
    asked: list[dict[str, Any]] = (
        await database["system.profile"].find({"ns": store.collection.full_name}).to_list(None)
    )
    assert all(entry["docsExamined"] <= 5 + 1 for entry in asked)  # with the one that the cursor names
    assert all(entry["command"]["hint"] == dict(CHANGES) and not entry.get("hasSortStage") for entry in asked)
    assert all(0 < entry["command"]["maxTimeMS"] <= 2000 for entry in asked)
