"""Steps and bytes of an assignment are limited, but the request can still be resolved."""

import json
from typing import Any

import bson
import pytest

from services.routing.models.acts import Accept, Resolve
from services.routing.models.assignment import MAX_STEPS, AssignmentState
from services.routing.service.deciding import Actor, possible
from shared import events
from tests.builders import CITIZEN, NUMBER
from tests.fakes import START
from tests.unit.routing.office import Office, submitted

WIDEST = "\U0001f4a1" * 3999 + "x"
"""The longest note in bytes; a text needs a letter."""
MONGODB_ENDS = 16 * 1024 * 1024
RESOLVED = {"action": "resolve", "outcome": "granted", "reply": "The lamp was replaced on Tuesday."}


def action(**fields: Any) -> bytes:
    """The body of an action."""
    return json.dumps({"request": NUMBER, **fields}).encode()


def refusals(office: Office) -> list[str]:
    """The refusals on the department's queue."""
    return [json.loads(told.body)["type"] for told in office.bus.to("department.power")]


def size(office: Office) -> int:
    """The size of the document in bytes."""
    return len(bson.encode(office.assignments.documents[NUMBER]))


@pytest.fixture
async def office() -> Office:
    """An office with one request that its department works on."""
    office = await Office().open()
    await office.receive(submitted())
    await office.act(action(action="accept"))
    return office


async def test_the_longest_notes_are_refused_before_the_document_is_full(office: Office) -> None:
    told: list[str] = []
    while not told:
        assert await office.act(*[action(action="progress", note=WIDEST)] * 20) == ["done"] * 20
        told = refusals(office)
    assert set(told) == {"/problems/too-many-steps"}
    assert 100 < len(office.assignments.documents[NUMBER]["history"]) < MAX_STEPS
    reply = WIDEST[:3900] + " The lamp was replaced."
    assert await office.act(action(**{**RESOLVED, "reply": reply})) == ["done"]
    assert office.state() == "resolved"
    assert size(office) < MONGODB_ENDS / 2


async def test_small_steps_are_limited_too_but_the_request_can_be_resolved(office: Office) -> None:
    for _ in range(MAX_STEPS // 100 + 1):
        await office.act(*[action(action="progress", note="x")] * 100)
    document = office.assignments.documents[NUMBER]
    assert len(document["history"]) == MAX_STEPS
    assert set(refusals(office)) == {"/problems/too-many-steps"}
    [assignment] = (await office.assignments.load_many([NUMBER])).values()
    assert possible(assignment, Actor("officer", "power"), START) == ["resolve"]
    assert await office.act(action(action="transfer", to="roads", reason="x")) == ["done"]
    assert document["department"] == "power"
    await office.act(action(**RESOLVED))
    await office.receive(events.RequestDisputed(citizen_id=CITIZEN, reason="not_done"))
    assert office.state() == AssignmentState.REOPENED
    await office.as_head(Accept(), Resolve(outcome="granted", reply="It was replaced once more."))
    assert office.state() == AssignmentState.RESOLVED
    await office.receive(events.RequestConfirmed(citizen_id=CITIZEN))
    assert office.state() == AssignmentState.CLOSED
    assert size(office) < MONGODB_ENDS / 10


async def test_an_action_repeated_after_many_others_counts_once(office: Office) -> None:
    first = action(action="progress", note="An electrician was sent.")
    assert await office.act(first, ids=["the first"]) == ["done"]
    for n in range(3):
        await office.act(*[action(action="progress", note=f"Day {n}.{m}") for m in range(100)])
    before = len(office.assignments.documents[NUMBER]["history"])
    assert await office.act(first, ids=["the first"]) == ["done"]
    assert len(office.assignments.documents[NUMBER]["history"]) == before
    assert refusals(office) == []
