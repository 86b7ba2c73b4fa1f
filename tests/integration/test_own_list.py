"""The list of own requests on the real database: every query uses an index, pages are complete."""

import asyncio
import itertools
import secrets
from datetime import timedelta
from typing import Any

import pytest

from services.requests.duplicates.store import DuplicateStore
from services.requests.reading.api.own import list_query
from services.requests.reading.service import reading
from services.requests.reading.service.reading import Reading
from services.requests.reading.service.search import TextSearch
from services.requests.request.models.lifecycle import State
from services.requests.request.models.listing import RequestFilter
from services.requests.request.models.replicas import CitizenReplica, Colleague, DepartmentReplica
from services.requests.request.models.request import Request
from services.requests.request.service.access_log import AccessLog
from services.requests.request.service.colleagues import Colleagues
from services.requests.request.store.requests import NEWEST_FIRST, RequestStore, own_query
from shared.mongo import Database, ServerClock
from shared.seal import SealPurpose
from tests.builders import CITIZEN, KEYS, a_request
from tests.fakes import START, FakeLooks, MemoryStore
from tests.integration.plans import examined, stages_of

OTHERS = 400


@pytest.fixture
async def store(database: Database, clock: ServerClock) -> RequestStore:
    """Requests of many citizens in a new database."""
    store = RequestStore(database["requests"], clock, keys=KEYS, lease=8, settle_after=120)
    await store.create_indexes()
    await store.insert_many([filed(n, citizen_id=f"citizen-{n % 40}x") for n in range(OTHERS)])
    return store


def filed(n: int, **fields: Any) -> Request:
    """The n-th request; every second one was filed in the same millisecond as the one before."""
    at = START + timedelta(seconds=n // 2)
    number = f"RB-{n:04d}-{secrets.token_hex(2).upper()}-0"
    words = KEYS.seal(f'{{"description": "lamp number{n} پانی"}}', SealPurpose.REQUEST_ANSWERS, owner=number)
    state = State.ROUTED if n % 3 else State.CLOSED
    given: dict[str, Any] = {"submitted_at": at, "changed_at": at, "state": state, "sealed_answers": words}
    return a_request(number, **{**given, **fields})


QUESTIONS: dict[str, dict[str, Any]] = {
    "states": {"states": [State.ROUTED, State.ACCEPTED]},
    "service": {"service": "street-light-out"},
    "kind": {"kind": "complaint"},
    "since": {"since": START},
    "until": {"until": START + timedelta(seconds=100)},
}
COMBINATIONS = [names for count in range(len(QUESTIONS) + 1) for names in itertools.combinations(QUESTIONS, count)]


async def test_every_question_is_answered_from_an_index_in_order(store: RequestStore) -> None:
    mine = [filed(n + OTHERS) for n in range(30)]
    await store.insert_many(mine)
    for names, before in itertools.product(COMBINATIONS, (None, (START + timedelta(seconds=5000), "RB-1"))):
        asked: dict[str, Any] = {}
        for name in names:
            asked |= QUESTIONS[name]
        query = own_query(CITIZEN, RequestFilter(**asked), before)
        plan = await store.collection.find(query).sort(NEWEST_FIRST).limit(20).explain()
        stages = stages_of(plan["queryPlanner"]["winningPlan"])
        assert "IXSCAN" in stages, names
        assert not stages & {"COLLSCAN", "SORT"}, names
        assert examined(plan) <= len(mine), names
    query = own_query(CITIZEN, RequestFilter(number=mine[0].id), None)
    plan = await store.collection.find(query).limit(20).explain()
    assert not stages_of(plan["queryPlanner"]["winningPlan"]) & {"COLLSCAN", "SORT"}
    assert examined(plan) <= 1


async def test_what_is_asked_is_found_and_nothing_of_others(store: RequestStore) -> None:
    mine = [filed(n + OTHERS, service="drain" if n % 2 else "lamp") for n in range(20)]
    await store.insert_many(mine)
    reading = reading_of(store)

    async def found(**asked: Any) -> list[str]:
        page = await reading.own(CITIZEN, await list_query(**asked), None, 100)
        return [line["number"] for line in page["requests"]]

    newest = [r.id for r in sorted(mine, key=lambda r: (-r.submitted_at.timestamp(), r.id))]
    assert await found() == newest
    assert await found(q="پاني") == newest
    assert await found(q="Drain LAMP") == [n for n in newest if n in {r.id for r in mine if r.service == "drain"}]
    assert await found(q=f"umber{OTHERS}") == [mine[0].id]
    assert await found(state=[State.CLOSED]) == [n for n in newest if {r.id: r.state for r in mine}[n] == "closed"]
    assert await found(q="number1x") == await found(q="?") == []
    assert await found(first=START.date().replace(year=9999)) == []
    assert len(await found(first=START.date(), last=START.date())) == 20
    assert await found(last=START.date() - timedelta(days=1)) == []
    assert await found(stage=["processing"], kind="complaint", service="drain", q="lamp") != []


def reading_of(store: RequestStore) -> Reading:
    """The use cases over a store, without names of staff."""
    search, looks = TextSearch(KEYS, lambda code: (code,)), AccessLog(FakeLooks())
    colleagues = Colleagues(MemoryStore(Colleague), MemoryStore(DepartmentReplica), KEYS)
    return Reading(
        store, MemoryStore(CitizenReplica), KEYS, search, looks, DuplicateStore(store.collection), colleagues
    )


async def test_cursor_leads_past_the_requests_that_one_page_searches(
    store: RequestStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MAX_SEARCHED", 10)
    await store.insert_many([filed(n + OTHERS) for n in range(25)])
    assert await pages(store, await list_query(q=f"number{OTHERS + 2}")) == [0, 0, 1]
    assert await pages(store, await list_query(q="?")) == [0]


async def pages(store: RequestStore, asked: RequestFilter) -> list[int]:
    """The number of lines of each page."""
    counts: list[int] = []
    cursor: str | None = None
    while cursor is not None or not counts:
        page = await reading_of(store).own(CITIZEN, asked, cursor, 5)
        counts.append(len(page["requests"]))
        cursor = page["next"]
    return counts


async def file_until(store: RequestStore, walked: asyncio.Event) -> None:
    """File requests until the event is set."""
    for n in itertools.count(10_000):
        if walked.is_set():
            return
        await store.insert_many([filed(n)])


async def test_walking_the_pages_while_others_are_filed_loses_and_doubles_nothing(store: RequestStore) -> None:
    before = [filed(n + OTHERS) for n in range(57)]
    await store.insert_many(before)
    reading = reading_of(store)
    for asked in (await list_query(), await list_query(q="lamp"), await list_query(kind="complaint")):
        seen: list[str] = []
        cursor: str | None = None
        walked = asyncio.Event()
        filing = asyncio.create_task(file_until(store, walked))
        while True:
            page = await reading.own(CITIZEN, asked, cursor, 5)
            seen += [line["number"] for line in page["requests"]]
            cursor = page["next"]
            if cursor is None:
                break
        walked.set()
        await filing
        assert len(seen) == len(set(seen))
        assert {request.id for request in before} <= set(seen)


async def test_a_list_that_takes_too_long_is_ended_by_the_server(store: RequestStore) -> None:
    """Each query has a time limit of two seconds on the server."""
    database = store.collection.database
    await database.command("profile", 2)
    await store.own("citizen-1x", RequestFilter(), before=None, limit=20)
    await store.unverified("works", after=None, limit=20)
    await database.command("profile", 0)
    asked = await database["system.profile"].find({"command.find": "requests"}).to_list(None)
    assert len(asked) == 2
    assert all(0 < entry["command"]["maxTimeMS"] <= 2000 for entry in asked)
