"""What changes an assignment is told to its department's queue, whoever did it."""

import json
from typing import Any

import pytest

from services.routing.models.acts import Accept, Act, Ask, Progress, Resolve, Transfer
from services.routing.service.deciding import Actor
from shared import events
from shared.events import Event
from shared.rights import Role
from tests.builders import CITIZEN, NUMBER
from tests.cases import cases
from tests.fakes import START
from tests.unit.routing.office import Office, submitted

OTHER = "RB-0000-0001-X"
FILE = {"attachment": "0f" * 16, "content_type": "image/png", "sha256": "ab" * 32}
REPLY = "It was replaced."


def action(**fields: Any) -> bytes:
    """The body of an action of the department's software."""
    return json.dumps({"request": NUMBER, **fields}).encode()


async def opened(*acts: Act) -> Office:
    """A request at the department of power, after these steps of an officer."""
    office = await Office().open()
    await office.receive(submitted())
    await by(office, Actor("officer-1", "power", Role.OFFICER), *acts)
    return office


async def by(office: Office, actor: Actor, *acts: Act) -> None:
    """Let somebody act."""
    record = (await office.assignments.load_many([NUMBER]))[NUMBER]
    for act in acts:
        office.acting.act(record, act, actor, START)
    if acts:
        assert not await office.assignments.save_many([record])


def told(office: Office) -> list[tuple[str, dict[str, Any]]]:
    """The queue and the body of each event, with its type, in order."""
    entries = office.assignments.documents[NUMBER]["events"]
    return [(entry.get("queue", ""), {"type": entry["type"], **json.loads(entry["data"])}) for entry in entries]


@cases("act", [Accept(), Ask(question="Which lamp?"), Transfer(to="roads", reason="Not our pole.")])
async def test_a_department_is_told_what_its_officer_did(act: Act) -> None:
    queue, event = told(await opened(act))[1]
    assert (queue, event["actor"], event["actor_kind"]) == ("department.power", "officer-1", "officer")
    assert "caused_by" not in event


async def test_a_department_gets_a_receipt_of_its_softwares_action() -> None:
    office = await opened()
    await office.act(action(action="accept"), ids=["work-order-7"])
    queue, event = told(office)[-1]
    assert (queue, event["type"], event["caused_by"]) == ("department.power", "request.accepted.v1", "work-order-7")
    assert (event["actor"], event["actor_kind"]) == ("department.power", "software")


async def test_a_department_that_loses_a_request_is_told_where_it_went() -> None:
    office = await opened(Transfer(to="roads", reason="Not our pole."))
    (_, first), (loser, gone), (winner, routed) = told(office)
    assert first["why"] == "first"
    assert (loser, gone["type"], gone["to"]) == ("department.power", "request.transferred.v1", "roads")
    assert (winner, routed["type"], routed["why"]) == ("department.roads", "request.routed.v1", "transfer")
    assert (routed["actor_kind"], routed.get("caused_by")) == ("officer", None)


RESOLVED = (Accept(), Progress(note="On the way."), Resolve(outcome="granted", reply=REPLY))


@cases(
    "acts, event, told_type, actor",
    [
        ((Ask(question="Which?"),), events.RequestAnswered(citizen_id=CITIZEN), "request.resumed.v1", "citizen"),
        (RESOLVED, events.RequestDisputed(citizen_id=CITIZEN, reason="not_done"), "request.reopened.v1", "citizen"),
        (RESOLVED, events.RequestAppealed(citizen_id=CITIZEN, appeal=OTHER), "request.under_appeal.v1", "citizen"),
        (RESOLVED, events.RequestConfirmed(citizen_id=CITIZEN, rating=4), "request.closed.v1", "citizen"),
        (RESOLVED, events.RequestLetStand(citizen_id=CITIZEN), "request.closed.v1", "clock"),
        ((), events.RequestWithdrawn(citizen_id=CITIZEN), "request.closed.v1", "citizen"),
        ((), events.RequestMerged(citizen_id=CITIZEN, into=OTHER), "request.closed.v1", "officer"),
        ((), events.RequestDuplicateJoined(citizen_id=CITIZEN, duplicate=OTHER), "request.absorbed.v1", "officer"),
        ((), events.RequestAttachmentAdded(citizen_id=CITIZEN, **FILE), "request.file_added.v1", "citizen"),
        (
            (),
            events.RequestEvidenceAdded(citizen_id=CITIZEN, department="power", **FILE),
            "request.file_added.v1",
            "department.power",
        ),
        (
            (),
            events.RequestAttachmentRemoved(citizen_id=CITIZEN, attachment="0f" * 16, sha256="ab" * 32),
            "request.file_removed.v1",
            "citizen",
        ),
        ((), events.RequestToldMore(citizen_id=CITIZEN, into=OTHER), "request.words_added.v1", "citizen"),
        ((), events.RequestCitizenCorrected(citizen_id=CITIZEN), "request.contact_changed.v1", "citizen"),
        (
            (Ask(question="Which?"),),
            events.RequestReminded(citizen_id=CITIZEN, about="questioned", until=START),
            "request.citizen_reminded.v1",
            "clock",
        ),
        (
            RESOLVED,
            events.RequestReminded(citizen_id=CITIZEN, about="resolved", until=START),
            "request.citizen_reminded.v1",
            "clock",
        ),
        (RESOLVED, events.RequestRated(citizen_id=CITIZEN, rating=2), "request.graded.v1", "citizen"),
        ((), events.RequestAnonymised(citizen_id="erased:1", reason="retention"), "request.erased.v1", "routing"),
    ],
)
async def test_a_department_is_told_what_others_did(
    acts: tuple[Act, ...], event: Event, told_type: str, actor: str
) -> None:
    office = await opened(*acts)
    before = office.assignments.documents[NUMBER]["rev"]
    assert await office.receive(event) == ["done"]
    queue, body = told(office)[-1]
    assert (queue, body["type"], body["actor"]) == ("department.power", told_type, actor)
    assert office.assignments.documents[NUMBER]["rev"] > before
    sent = json.loads(event.model_dump_json(exclude_none=True))
    named = {name: value for name, value in sent.items() if name in body}
    assert named.items() <= body.items()


async def test_every_department_that_had_a_request_is_told_to_erase_it() -> None:
    office = await opened(Transfer(to="roads", reason="Not our pole."))
    await office.receive(events.RequestAnonymised(citizen_id="erased:1", reason="erasure"))
    erased = [(queue, body["citizen_id"]) for queue, body in told(office) if body["type"] == "request.erased.v1"]
    assert erased == [("department.power", "erased:1"), ("department.roads", "erased:1")]


@pytest.mark.parametrize(
    ("event", "why"),
    [
        (events.RequestSeparated(citizen_id=CITIZEN, actor="officer"), "separated"),
        (events.RequestRevived(citizen_id=CITIZEN, ended=OTHER), "revived"),
    ],
)
async def test_a_department_is_told_why_a_merged_request_is_back(event: Event, why: str) -> None:
    office = await opened()
    await office.receive(events.RequestMerged(citizen_id=CITIZEN, into=OTHER))
    await office.receive(event)
    assert told(office)[-1][1]["why"] == why


async def test_a_file_of_a_request_that_no_department_has_is_told_to_nobody() -> None:
    office = await Office().open()
    await office.receive(submitted(state="information_needed"))
    await office.receive(events.RequestAttachmentAdded(citizen_id=CITIZEN, **FILE))
    assert "events" not in office.assignments.documents[NUMBER] or not told(office)
