"""Actions over AMQP: the broker authenticates the sender, each counts once, and every refusal is reported."""

import json
from typing import Any

import pytest

from services.routing.actions import REJECTED
from shared.bus.untrusted import UNREADABLE
from shared.events import RequestDisputed, RequestQuestioned, RequestResolved
from shared.seal import SealPurpose
from tests.builders import CITIZEN, KEYS, NUMBER, a_delivery, a_department
from tests.fakes import AwayError
from tests.unit.routing.office import Office, submitted


def action(number: str = NUMBER, **fields: Any) -> bytes:
    """The body of an action."""
    return json.dumps({"request": number, **fields}).encode()


@pytest.fixture
async def office() -> Office:
    """An office with one request at `power`."""
    office = await Office().open()
    await office.receive(submitted())
    return office


async def test_a_department_works_on_its_request(office: Office) -> None:
    bodies = [
        action(action="accept"),
        action(action="ask", question="Which lamp?"),
        action(action="progress", note="x"),
    ]
    assert await office.act(*bodies) == ["done"] * 3
    assert office.state() == "questioned"
    document = office.assignments.documents[NUMBER]
    assert office.event_types() == ["request.routed.v1", "request.accepted.v1", "request.questioned.v1"]
    event = RequestQuestioned.model_validate_json(document["events"][-1]["data"])
    assert KEYS.unseal(event.question, SealPurpose.REQUEST_QUESTION, owner=NUMBER) == "Which lamp?"
    assert event.actor == "department.power"
    assert document["responded_at"] is not None
    assert [json.loads(told.body)["type"] for told in office.bus.to("department.power")] == [
        "/problems/transition-refused"
    ]


async def test_a_transfer_finds_a_department_created_by_another_process(office: Office) -> None:
    await office.departments.insert_many([a_department("lamps")])
    await office.act(action(action="transfer", to="lamps", reason="The lamps are theirs."))
    assert office.assignments.documents[NUMBER]["department"] == "lamps"


async def test_the_texts_of_a_department_are_sealed(office: Office) -> None:
    reply = "Your lamp at House 12 was replaced."
    await office.act(action(action="accept"), action(action="resolve", outcome="granted", reply=reply))
    document = office.assignments.documents[NUMBER]
    assert "House 12" not in str(document)
    event = RequestResolved.model_validate_json(document["events"][-1]["data"])
    assert KEYS.unseal(event.reply, SealPurpose.REQUEST_REPLY, owner=NUMBER) == reply
    assert (document["outcome"], office.state()) == ("granted", "resolved")


async def test_a_repeated_action_counts_once(office: Office) -> None:
    body = action(action="accept")
    assert await office.act(body, body, ids=["m-1", "m-1"]) == ["done", "done"]
    assert await office.act(body, ids=["m-1"]) == ["done"]
    assert office.event_types().count("request.accepted.v1") == 1
    assert office.bus.to("department.power") == []


async def test_many_requests_are_one_read_and_one_write(office: Office) -> None:
    numbers = [f"RB-{n}" for n in range(50)]
    for number in numbers:
        await office.receive(submitted(), number=number)
    before = office.assignments.writes
    assert await office.act(*(action(number, action="accept") for number in numbers)) == ["done"] * 50
    assert office.assignments.writes == before + 1


REFUSED: dict[str, tuple[bytes, str, list[str]]] = {
    "not JSON": (b"x", "json-invalid", []),
    "duplicate keys": (b'{"request": "a", "request": "b"}', "json-invalid", []),
    "too large": (b'{"request": "' + b"x" * 70_000 + b'"}', "bad-request", []),
    "no request": (b'{"action": "accept"}', "invalid", ["/request"]),
    "an operator for a number": (b'{"request": {"$gt": ""}, "action": "accept"}', "json-invalid", []),
    "a number of another kind": (b'{"request": 7, "action": "accept"}', "invalid", ["/request"]),
    "no action": (action(), "invalid", ["/action"]),
    "unknown action": (action(action="erase"), "invalid", ["/action"]),
    "unknown field": (action(action="accept", state="closed"), "invalid", ["/state"]),
    "empty question": (action(action="ask", question=""), "invalid", ["/question"]),
    "spaces for a question": (action(action="ask", question=" "), "invalid", ["/question"]),
    "signs for a note": (action(action="progress", note="..."), "invalid", ["/note"]),
    "spaces for a reply": (
        action(action="resolve", outcome="granted", reply=" " * 12),
        "invalid",
        ["/reply"],
    ),
    "marks for a reason": (action(action="transfer", to="lamps", reason="\u200f"), "invalid", ["/reason"]),
    "NUL in a note": (action(action="progress", note="A lamp\0"), "invalid", ["/note"]),
    "short reply": (action(action="resolve", outcome="granted", reply="Done."), "invalid", ["/reply"]),
    "no such outcome": (
        action(action="resolve", outcome="perhaps", reply="The lamp was replaced."),
        "invalid",
        ["/outcome"],
    ),
    "no such request": (action("RB-0000-0000-0", action="accept"), "not-found", []),
    "not possible now": (action(action="progress", note="x"), "transition-refused", []),
    "to itself": (action(action="transfer", to="power", reason="x"), "invalid", ["/to"]),
    "to nowhere": (action(action="transfer", to="nowhere", reason="x"), "invalid", ["/to"]),
}


@pytest.mark.parametrize(("body", "code", "pointers"), REFUSED.values(), ids=REFUSED.keys())
async def test_a_refusal_goes_to_the_departments_own_queue(
    office: Office, body: bytes, code: str, pointers: list[str]
) -> None:
    assert await office.act(body, ids=["m-1"]) == ["done"]
    [told] = office.bus.to("department.power")
    problem = json.loads(told.body)
    assert told.headers["ce-type"] == REJECTED
    assert (problem["type"], problem["action"]) == (f"/problems/{code}", "m-1")
    assert problem["title"]
    assert problem["detail"]
    assert "{" not in problem["title"] + problem["detail"]
    assert [error["pointer"] for error in problem["errors"]] == pointers
    assert office.event_types() == ["request.routed.v1"]


async def test_the_refusal_of_an_unknown_action_lists_the_known_ones(office: Office) -> None:
    await office.act(action(action="erase"))
    [told] = office.bus.to("department.power")
    [error] = json.loads(told.body)["errors"]
    assert error["message"] == "Choose one of these: accept, ask, progress, transfer, resolve, delay."


async def test_another_departments_request_is_not_found(office: Office) -> None:
    assert await office.act(action(action="accept"), department="roads") == ["done"]
    [told] = office.bus.to("department.roads")
    assert json.loads(told.body)["type"] == "/problems/not-found"
    assert office.state() == "routed"


async def test_a_departments_software_cannot_decide_disputed_requests(office: Office) -> None:
    reply = "The lamp was replaced on Tuesday."
    resolve = action(action="resolve", outcome="granted", reply=reply)
    await office.act(action(action="accept"), resolve)
    await office.receive(RequestDisputed(citizen_id=CITIZEN, reason="not_done"))
    transfer = action(action="transfer", to="roads", reason="It is theirs.")
    assert await office.act(action(action="accept"), transfer) == ["done"] * 2
    problems = [json.loads(told.body)["type"] for told in office.bus.to("department.power")]
    assert problems == ["/problems/head-only"] * 2
    assert office.state() == "reopened"


UNADDRESSED = [
    {"user_id": "department.roads", "routing_key": "department.power"},
    {"user_id": "rabta", "routing_key": "rabta"},
    {"user_id": "department.power", "routing_key": "department.roads"},
    {"user_id": None, "routing_key": "rabta"},
    {"user_id": "", "routing_key": ""},
]


@pytest.mark.parametrize("sender", UNADDRESSED, ids=str)
async def test_only_its_own_user_acts_for_a_department(office: Office, sender: dict[str, Any]) -> None:
    outcomes = await office.actions.take([a_delivery(action(action="accept"), **sender)])
    assert [outcome.verdict for outcome in outcomes] == ["dead"]
    assert office.bus.tried == []
    assert office.state() == "routed"


@pytest.mark.parametrize(
    ("lacking", "code"),
    [
        ({"user_id": None}, "user-id-needed"),
        ({"message_id": ""}, "message-id-needed"),
        ({"headers": {UNREADABLE: "timestamp"}}, "properties-unreadable"),
    ],
    ids=str,
)
async def test_an_action_without_a_required_property_is_refused(
    office: Office, lacking: dict[str, Any], code: str
) -> None:
    sender = {"user_id": "department.power", "routing_key": "department.power", **lacking}
    [outcome] = await office.actions.take([a_delivery(action(action="accept"), **sender)])
    assert outcome.verdict == "done"
    [told] = office.bus.to("department.power")
    problem = json.loads(told.body)
    assert problem["type"] == f"/problems/{code}"
    assert office.state() == "routed"


async def test_an_id_with_other_content_is_refused(office: Office) -> None:
    first, second = action(action="progress", note="It is ordered."), action(action="progress", note="It is here.")
    reordered = json.dumps({"note": "It is ordered.", "action": "progress", "request": NUMBER}).encode()
    await office.act(action(action="accept"), first, ids=["m-1", "m-2"])
    assert await office.act(second, first, reordered, second, ids=["m-2"] * 4) == ["done"] * 4
    told = [json.loads(message.body) for message in office.bus.to("department.power")]
    assert [(one["type"], one["action"]) for one in told] == [("/problems/message-id-taken", "m-2")] * 2
    assert office.event_types().count("request.progressed.v1") == 1
    assert await office.act(second, ids=["m-3"]) == ["done"]
    assert office.event_types().count("request.progressed.v1") == 2


async def test_an_id_stored_without_its_content_counts_once(office: Office) -> None:
    await office.act(action(action="accept"), ids=["m-1"])
    office.assignments.documents[NUMBER].pop("act_contents")
    assert await office.act(action(action="accept"), ids=["m-1"]) == ["done"]
    assert office.bus.to("department.power") == []


async def test_each_refusal_is_an_event_of_its_own(office: Office) -> None:
    bodies = [action(action="progress", note="x"), action(action="progress", note="y"), action(action="ask")]
    await office.act(*bodies, bodies[0], ids=["m-1"] * 4)
    events = [told.headers["ce-id"] for told in office.bus.to("department.power")]
    assert (len(events), len(set(events)), events[0]) == (4, 3, events[3])


async def test_a_refusal_that_cannot_be_sent_is_retried(office: Office) -> None:
    office.bus.refuse = lambda _: True
    assert await office.act(b"x", action(action="accept")) == ["retry", "done"]


async def test_a_refused_action_does_not_delay_others(office: Office) -> None:
    await office.receive(submitted(), number="RB-2")
    verdicts = await office.act(
        b"x", action(action="accept"), action("RB-9", action="accept"), action("RB-2", action="accept")
    )
    assert verdicts == ["done"] * 4
    assert (office.state(), office.state("RB-2")) == ("accepted", "accepted")


async def test_a_race_is_retried(office: Office) -> None:
    def the_citizen_is_faster() -> None:
        office.assignments.before = lambda: None
        office.assignments.documents[NUMBER]["rev"] += 1
        office.assignments.documents[NUMBER]["state"] = "closed"

    office.assignments.before = the_citizen_is_faster
    assert await office.act(action(action="accept")) == ["done"]
    [told] = office.bus.to("department.power")
    assert json.loads(told.body)["type"] == "/problems/transition-refused"
    assert office.state() == "closed"


async def test_endless_contention_is_retried_later(office: Office) -> None:
    def always() -> None:
        office.assignments.documents[NUMBER]["rev"] += 1

    office.assignments.before = always
    assert await office.act(action(action="accept")) == ["retry"]


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_write_without_an_answer_counts_once(office: Office, when: str) -> None:
    def away() -> None:
        setattr(office.assignments, when, lambda: None)
        raise AwayError

    setattr(office.assignments, when, away)
    with pytest.raises(AwayError):
        await office.act(action(action="accept"), ids=["m-1"])
    assert await office.act(action(action="accept"), ids=["m-1"]) == ["done"]
    assert office.event_types().count("request.accepted.v1") == 1
    assert office.bus.to("department.power") == []
