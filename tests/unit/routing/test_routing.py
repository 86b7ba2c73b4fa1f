"""From a citizen's event to routing's: a department, two due dates, a reason, and a copy for its queue."""

import json
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.routing.handlers import SERVICE_HANDLERS, handlers_of
from services.routing.models.acts import Accept, Resolve
from services.routing.models.directory import ServiceCopy
from shared import events
from shared.bus import DONE
from shared.events import BY_TYPE, EVENTS, stream_of
from shared.inbox import Inbox
from tests.builders import CITIZEN, NUMBER, a_delivery, a_service_copy, an_envelope, words
from tests.fakes import MemoryStore
from tests.unit.routing.office import CALENDAR, Office, submitted


async def test_a_verified_request_is_routed_with_a_reason_and_two_due_dates() -> None:
    office = await Office().open()
    assert await office.receive(submitted()) == ["done"]
    [event] = office.assignments.documents[NUMBER]["events"]
    routed = events.RequestRouted.model_validate_json(event["data"])
    assert event["queue"] == "department.power"
    assert (routed.department, routed.because) == ("power", words("The power company keeps the lamps."))
    assert routed.service_name == words("street-light-out")
    assert routed.respond_by < routed.due_at
    assert all(
        CALENDAR.is_working_day(at.astimezone(CALENDAR.zone).date()) for at in (routed.respond_by, routed.due_at)
    )
    assert routed.details == f"/api/v1/requests/{NUMBER}"


@pytest.mark.parametrize("state", ["information_needed", "ineligible"])
async def test_an_unverified_request_waits_for_its_correction(state: str) -> None:
    office = await Office().open()
    await office.receive(submitted(state=state, failed_rules=["x"]))
    assert (office.state(), office.event_types()) == ("unverified", [])
    corrected = events.RequestCorrected.model_validate(submitted(facts={"lights": "many"}).model_dump())
    await office.receive(corrected)
    assert (office.state(), office.event_types()) == ("routed", ["request.routed.v1"])
    assert office.assignments.documents[NUMBER]["facts"] == {"lights": "many"}


@pytest.mark.parametrize("changes", [{"service": "not-heard-of"}, {"service_version": 2}])
async def test_a_request_of_an_unknown_service_is_retried(changes: dict[str, Any]) -> None:
    office = await Office().open()
    assert await office.receive(submitted(**changes)) == ["retry"]
    assert office.assignments.documents == {}
    code = changes.get("service", "street-light-out")
    office.services.documents.pop(code, None)
    await office.services.insert_many([a_service_copy(code, version=2)])
    assert await office.receive(submitted(**changes)) == ["done"]
    assert office.state() == "routed"


async def test_a_request_to_an_unknown_department_is_retried() -> None:
    office = await Office().open(knows_services=False)
    await office.services.insert_many([a_service_copy(department=[{"to": "water", "because": words("x")}])])
    assert await office.receive(submitted()) == ["retry"]


async def test_later_steps_of_the_citizen_change_the_assignment() -> None:
    office = await Office().open()
    await office.receive(submitted())
    await office.act(action(action="ask", question="Which lamp?"))
    await office.receive(events.RequestAnswered(citizen_id=CITIZEN))
    assert (office.state(), office.event_types()[-1]) == ("in_progress", "request.resumed.v1")
    await office.act(action(action="resolve", outcome="granted", reply="It was replaced."))
    await office.receive(events.RequestDisputed(citizen_id=CITIZEN, reason="not_done"))
    assert (office.state(), office.event_types()[-1]) == ("reopened", "request.reopened.v1")
    assert office.assignments.documents[NUMBER]["outcome"] is None
    await office.as_head(Accept(), Resolve(outcome="granted", reply="It was replaced."))
    await office.receive(events.RequestConfirmed(citizen_id=CITIZEN, rating=4))
    assert (office.state(), office.event_types()[-1]) == ("closed", "request.closed.v1")
    told = [event["type"] for event in office.assignments.documents[NUMBER]["events"] if "queue" in event]
    assert told == office.event_types()


async def test_a_withdrawal_before_routing_sends_nothing_to_a_queue() -> None:
    office = await Office().open()
    await office.receive(submitted(state="information_needed"), events.RequestWithdrawn(citizen_id=CITIZEN))
    [event] = office.assignments.documents[NUMBER]["events"]
    assert (event["type"], event.get("queue")) == ("request.closed.v1", None)


CITIZEN_SAYS: list[events.Event] = [
    events.RequestAnswered(citizen_id=CITIZEN),
    events.RequestConfirmed(citizen_id=CITIZEN),
    events.RequestDisputed(citizen_id=CITIZEN, reason="not_done"),
    events.RequestWithdrawn(citizen_id=CITIZEN),
    events.RequestCorrected.model_validate(submitted().model_dump()),
]
DEPARTMENT_DOES = ["accept", "ask", "progress", "transfer", "resolve"]


@given(st.lists(st.sampled_from([*CITIZEN_SAYS, *DEPARTMENT_DOES]), max_size=12))
async def test_any_sequence_of_steps_loses_nothing_and_never_blocks(steps: list[events.Event | str]) -> None:
    office = await Office().open()
    await office.receive(submitted())
    for step in steps:
        if isinstance(step, str):
            at = office.assignments.documents[NUMBER]["department"]
            assert await office.act(action(action=step, **FIELDS.get(step, {})), department=at) == ["done"]
        else:
            assert await office.receive(step) == ["done"]
    document = office.assignments.documents[NUMBER]
    assert document["inbox"]["requests"] == 1 + sum(not isinstance(step, str) for step in steps)
    assert [event["seq"] for event in document["events"]] == list(range(1, len(document["events"]) + 1))
    for event in document["events"]:
        typed = BY_TYPE[event["type"]].model_validate_json(event["data"])
        assert isinstance(typed, events.AssignmentEvent)
    for earlier, later in zip(document["history"], document["history"][1:], strict=False):
        assert later["from"] == earlier["to"]


FIELDS: dict[str, dict[str, str]] = {
    "ask": {"question": "Which lamp?"},
    "progress": {"note": "We come on Tuesday."},
    "transfer": {"to": "roads", "reason": "Not our pole."},
    "resolve": {"outcome": "granted", "reply": "The lamp was replaced."},
}


def action(**fields: str) -> bytes:
    """The body of a department's action."""
    return json.dumps({"request": NUMBER, **fields}).encode()


async def test_a_new_version_of_a_service_replaces_the_old_one() -> None:
    store = MemoryStore(ServiceCopy)
    inbox = Inbox(store, SERVICE_HANDLERS, lambda code: ServiceCopy(id=code))
    for version in (1, 2):
        published = events.ServicePublished(
            version=version,
            kind="complaint",
            name=words(f"v{version}"),
            due={"days": version, "calendar": "working"},
            respond={"hours": 4, "calendar": "working"},
            department=[{"to": "power", "because": words("x")}],
        )
        assert await inbox.take([a_delivery(an_envelope(published, version, subject="street-light-out"))]) == [DONE]
    document = store.documents["street-light-out"]
    assert (document["version"], document["name"], document["due"]["days"]) == (2, words("v2"), 2)


def test_every_event_of_the_streams_has_a_handler() -> None:
    tables = {"request@requests": set(handlers_of(Office().router)), "service": set(SERVICE_HANDLERS)}
    for stream, table in tables.items():
        assert "routing" in events.CONSUMERS[stream]
        assert {event.type for event in EVENTS if stream_of(event) == stream} == table


async def test_due_dates_stay_through_a_transfer() -> None:
    office = await Office().open()
    await office.receive(submitted())
    before: datetime = office.assignments.documents[NUMBER]["due_at"]
    await office.act(action(action="transfer", to="roads", reason="Not our pole."))
    document = office.assignments.documents[NUMBER]
    assert (document["department"], document["due_at"]) == ("roads", before)
    assert office.event_types() == ["request.routed.v1", "request.transferred.v1", "request.routed.v1"]
    assert document["events"][-1]["queue"] == "department.roads"
    assert await office.act(action(action="accept"), department="power") == ["done"]
    [refusal] = office.bus.to("department.power")
    assert json.loads(refusal.body)["type"] == "/problems/not-found"


async def test_an_anonymised_assignment_keeps_the_departments_actions() -> None:
    office = await Office().open()
    await office.receive(submitted())
    await office.act(action(action="ask", question="Is it the lamp of Amina?"))
    await office.receive(events.RequestWithdrawn(citizen_id=CITIZEN))
    before = office.assignments.documents[NUMBER]["history"]
    await office.receive(events.RequestAnonymised(citizen_id="erased:1", reason="erasure"))
    document = office.assignments.documents[NUMBER]
    assert (document["citizen_id"], document["facts"], document["state"]) == ("erased:1", {}, "closed")
    assert [entry["action"] for entry in document["history"]] == ["route", "ask", "withdrawn"]
    assert "sealed_words" in before[1]
    assert not any("sealed_words" in entry for entry in document["history"])
    assert document["forget_to"] == document["seq"]
