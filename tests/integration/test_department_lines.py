"""A department's list on the real database: its own requests, found by number and words, noted in the trail."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from services.requests.reading.service import at_department
from services.requests.reading.service.at_department import MAX_FOUND, DepartmentReading
from services.requests.reading.service.search import TextSearch
from services.requests.reading.store import LINES, DepartmentRequestStore, seen_at
from services.requests.request.models.lifecycle import State
from services.requests.request.models.request import Request
from services.requests.request.service.access_log import AccessLog
from services.requests.request.store.requests import NEWEST_FIRST, RequestStore
from shared.auth import Principal
from shared.errors import NotFoundError
from shared.mongo import Database, ServerClock, text
from shared.rights import Role
from shared.seal import SealPurpose
from tests.builders import KEYS, a_request
from tests.fakes import START, FakeLooks
from tests.integration.plans import examined, stages_of

OFFICER = Principal("officer-1", Role.OFFICER, "works", "session", 0.0)
HERE, ELSEWHERE = 120, 240


@dataclass
class Desk:
    """The use case on its own database."""

    store: RequestStore
    at_department: DepartmentRequestStore
    search: TextSearch
    looks: FakeLooks = field(default_factory=FakeLooks)

    @property
    def lines(self) -> DepartmentReading:
        """The use case."""
        return DepartmentReading(self.at_department, self.search, AccessLog(self.looks), KEYS)

    async def found(self, text: str) -> list[str]:
        """Numbers that an officer finds."""
        return [line["number"] for line in (await self.lines.found(OFFICER, text))["requests"]]


@pytest.fixture
async def desk(database: Database, clock: ServerClock) -> Desk:
    """Requests of many citizens at several departments."""
    store = RequestStore(database["requests"], clock, keys=KEYS, lease=8, settle_after=120)
    search = TextSearch(KEYS, lambda code: (code,))
    at_department = DepartmentRequestStore(database["requests"])
    await store.create_indexes()
    await at_department.create_indexes()
    await store.insert_many([filed(n, department="works") for n in range(HERE)])
    await store.insert_many([filed(HERE + n, department=f"d{n % 5}") for n in range(ELSEWHERE)])
    return Desk(store, at_department, search)


def number_of(n: int) -> str:
    """The n-th number; no two begin alike."""
    return f"RB-{n:04d}-0000-0"


def filed(n: int, **fields: Any) -> Request:
    """The n-th request: filed later than the one before."""
    at, number = START + timedelta(minutes=n), fields.pop("number", number_of(n))
    told = f'{{"place": "Street  {n},\\nHayatabad", "description": "lamp number{n} پانی"}}'
    given = {
        "citizen_id": f"citizen-{n % 40}x",
        "state": State.ROUTED,
        "submitted_at": at,
        "changed_at": at,
        "sealed_answers": KEYS.seal(told, SealPurpose.REQUEST_ANSWERS, owner=number),
    }
    return a_request(number, **{**given, **fields})


async def test_lines_are_those_asked_for_and_only_ones_own(desk: Desk) -> None:
    held = filed(900, state=State.INELIGIBLE, intended="works")
    await desk.store.insert_many([held])
    asked = [number_of(n) for n in (7, 3, HERE + 1, 3, 99999 % 10000)] + [held.id]
    lines = (await desk.lines.numbered(OFFICER, asked))["requests"]
    assert [line["number"] for line in lines] == [number_of(7), number_of(3), held.id]
    assert lines[0]["place"] == "Street 7, Hayatabad"
    assert (lines[0]["words"], lines[0]["language"]) == ("lamp number7 پانی", "en")
    assert sorted(look.request for look in desk.looks.kept.values()) == sorted(line["number"] for line in lines)
    with pytest.raises(NotFoundError):
        await desk.lines.numbered(Principal("o", Role.OFFICER, None, "s", 0.0), asked)


async def test_of_an_appeal_its_grounds_are_told(desk: Desk) -> None:
    number = number_of(903)
    told = KEYS.seal('{"grounds": "Nobody came."}', SealPurpose.REQUEST_ANSWERS, owner=number)
    await desk.store.insert_many([filed(903, department="works", appeal_of=number_of(7), sealed_answers=told)])
    [line] = (await desk.lines.numbered(OFFICER, [number]))["requests"]
    assert (line["place"], line["words"]) == (None, "Nobody came.")


async def test_lists_do_not_show_texts_of_confidential_requests(desk: Desk) -> None:
    hidden = filed(901, department="works", confidential=True)
    broken = filed(902, department="works", sealed_answers="nonsense")
    await desk.store.insert_many([hidden, broken])
    lines = (await desk.lines.numbered(OFFICER, [hidden.id, broken.id]))["requests"]
    assert [(line["place"], line["words"], line["language"]) for line in lines] == [(None, None, None)] * 2
    assert [line["confidential"] for line in lines] == [True, False]


async def test_requests_are_found_by_the_beginning_of_their_number(desk: Desk) -> None:
    assert await desk.found("rb 0007") == await desk.found("RB-0007-0000-0") == [number_of(7)]
    assert await desk.found("rb-000") == [number_of(n) for n in reversed(range(10))]
    assert await desk.found("0007-0") == [number_of(7)]
    assert await desk.found(number_of(HERE + 1)) == await desk.found("rb-777") == []
    query = {"_id": {"$gte": "RB-000", "$lt": "RB-000~"}, **seen_at("works", OFFICER.id)}
    plan = await desk.store.collection.find(query).hint([("_id", 1)]).sort(NEWEST_FIRST).explain()
    assert examined(plan) <= 11


async def test_requests_are_found_by_all_their_words_newest_first(desk: Desk) -> None:
    page = await desk.lines.found(OFFICER, "پاني LAMP")
    assert [line["number"] for line in page["requests"]] == [number_of(HERE - 1 - n) for n in range(MAX_FOUND)]
    assert page["complete"] is False
    assert await desk.found("lamp number17") == await desk.found("LAM ber17") == [number_of(17)]
    assert await desk.found("number200") == await desk.found("lamp?? nothing") == await desk.found("!") == []
    page = await desk.lines.found(OFFICER, "number17")
    assert page["complete"] is True
    query = {"department": text("works")}
    plan = await desk.store.collection.find(query, LINES).sort(NEWEST_FIRST).limit(20).explain()
    assert not stages_of(plan["queryPlanner"]["winningPlan"]) & {"COLLSCAN", "SORT"}
    assert examined(plan) <= 20


@pytest.mark.parametrize(
    ("at_once", "rounds", "found", "complete"),
    [(51, 3, [number_of(17)], True), (60, 2, [number_of(17)], False), (51, 2, [], False)],
)
async def test_only_the_newest_are_searched(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, at_once: int, rounds: int, found: list[str], complete: bool
) -> None:
    monkeypatch.setattr(at_department, "MAX_SEARCHED", at_once)
    monkeypatch.setattr(at_department, "MAX_ROUNDS", rounds)
    page = await desk.lines.found(OFFICER, "number17")
    assert ([line["number"] for line in page["requests"]], page["complete"]) == (found, complete)
