"""The due date is paused while the citizen has to act."""

import json
from datetime import timedelta
from typing import Any

import pytest

from shared import events
from tests.builders import CITIZEN, NUMBER, a_service_copy
from tests.unit.routing.office import Office, submitted


def action(**fields: Any) -> bytes:
    """The body of a department's action."""
    return json.dumps({"request": NUMBER, **fields}).encode()


async def asked(days_ago: int = 2, calendar: str = "elapsed") -> tuple[Office, dict[str, Any]]:
    """An office that asked the citizen some days ago, and the assignment's document."""
    office = await Office().open(knows_services=False)
    await office.services.insert_many([a_service_copy(due={"days": 10, "calendar": calendar})])
    await office.receive(submitted())
    await office.act(action(action="ask", question="Which lamp?"))
    document = office.assignments.documents[NUMBER]
    document["paused_at"] -= timedelta(days=days_ago)
    return office, document


async def test_an_answer_extends_the_due_date_by_the_waiting_time() -> None:
    office, document = await asked()
    before, since = document["due_at"], document["paused_at"]
    await office.receive(events.RequestAnswered(citizen_id=CITIZEN))
    document = office.assignments.documents[NUMBER]
    passed = document["history"][-1]["at"] - since
    assert document["due_at"] == before + passed
    assert passed >= timedelta(days=2)
    assert document["paused_at"] is None
    event = events.RequestResumed.model_validate_json(document["events"][-1]["data"])
    assert event.due_at == document["due_at"] == document["history"][-1]["due_at"]


async def test_waiting_time_is_added_in_working_time() -> None:
    office, document = await asked(days_ago=7, calendar="working")
    before = document["due_at"]
    await office.receive(events.RequestAnswered(citizen_id=CITIZEN))
    moved = office.assignments.documents[NUMBER]["due_at"]
    assert timedelta(days=1) < moved - before < timedelta(days=12)


async def test_an_open_question_stays_paused_after_a_transfer() -> None:
    office, document = await asked()
    before, since = document["due_at"], document["paused_at"]
    await office.act(action(action="transfer", to="roads", reason="Not our pole."))
    document = office.assignments.documents[NUMBER]
    assert (document["department"], document["state"]) == ("roads", "questioned")
    assert (document["due_at"], document["paused_at"]) == (before, since)
    event = events.RequestRouted.model_validate_json(document["events"][-1]["data"])
    assert (event.question_open, event.due_at) == (True, before)


async def test_the_answer_reaches_the_present_department_with_an_extended_due_date() -> None:
    office, document = await asked()
    before = document["due_at"]
    await office.act(action(action="transfer", to="roads", reason="Not our pole."))
    await office.receive(events.RequestAnswered(citizen_id=CITIZEN))
    document = office.assignments.documents[NUMBER]
    assert (document["state"], document["paused_at"]) == ("in_progress", None)
    assert document["due_at"] >= before + timedelta(days=2)
    resumed = document["events"][-1]
    assert (resumed["type"], resumed["queue"]) == ("request.resumed.v1", "department.roads")


async def resolved(days_ago: int = 2) -> tuple[Office, Any]:
    """An office that resolved a request some days ago, and its due date."""
    office, _ = await asked()
    await office.receive(events.RequestAnswered(citizen_id=CITIZEN))
    reply = "The lamp was replaced and tested."
    await office.act(action(action="resolve", outcome="granted", reply=reply))
    document = office.assignments.documents[NUMBER]
    document["paused_at"] -= timedelta(days=days_ago)
    return office, document["due_at"]


async def test_a_dispute_extends_the_due_date_by_the_time_the_citizen_took() -> None:
    office, before = await resolved()
    await office.receive(events.RequestDisputed(citizen_id=CITIZEN, reason="not_done"))
    document = office.assignments.documents[NUMBER]
    assert document["due_at"] >= before + timedelta(days=2)
    assert document["paused_at"] is None
    event = events.RequestReopened.model_validate_json(document["events"][-1]["data"])
    assert event.due_at == document["due_at"]


async def test_an_appeal_pauses_the_first_request_from_its_outcome() -> None:
    office, before = await resolved(days_ago=9)
    await office.receive(events.RequestAppealed(citizen_id=CITIZEN, appeal="RB-AAAA-AAAA-A"))
    assert office.assignments.documents[NUMBER]["paused_at"] is not None
    await office.receive(events.RequestRemitted(citizen_id=CITIZEN, appeal="RB-AAAA-AAAA-A", words="sealed"))
    document = office.assignments.documents[NUMBER]
    assert document["due_at"] >= before + timedelta(days=9)
    assert (document["state"], document["paused_at"]) == ("reopened", None)


@pytest.mark.parametrize("ending", [events.RequestWithdrawn(citizen_id=CITIZEN), events.RequestLapsed(
    citizen_id=CITIZEN, waited_for="questioned")])  # fmt: skip
async def test_an_end_moves_no_due_date(ending: events.Event) -> None:
    office, document = await asked()
    before = document["due_at"]
    await office.receive(ending)
    document = office.assignments.documents[NUMBER]
    assert (document["state"], document["due_at"], document["paused_at"]) == ("closed", before, None)


async def test_undoing_a_merge_gives_back_the_time_that_the_citizen_took_before() -> None:
    office, document = await asked()
    before = document["due_at"]
    await office.receive(events.RequestMerged(citizen_id=CITIZEN, into="RB-1"))
    await office.receive(events.RequestSeparated(citizen_id=CITIZEN, actor="citizen"))
    document = office.assignments.documents[NUMBER]
    assert (document["state"], document["paused_at"]) == ("routed", None)
    assert document["due_at"] >= before + timedelta(days=2)
