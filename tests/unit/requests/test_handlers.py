"""Events of routing change the citizen's view; late ones are noted in the history and change nothing."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.requests.handlers import CITIZEN_HANDLERS, HANDLERS
from services.requests.request.models.lifecycle import ActorKind, State
from services.requests.request.models.replicas import CitizenReplica
from services.requests.request.models.request import Request
from services.requests.request.service import views
from shared import events
from shared.envelope import Envelope
from shared.events import CONSUMERS, EVENTS, Event, stream_of
from shared.inbox import Inbox, read_event, receive
from shared.seal import SealPurpose
from tests.builders import CITIZEN, KEYS, NUMBER, a_delivery, a_request, an_envelope, words
from tests.fakes import START, MemoryStore

AT = {"citizen_id": CITIZEN, "department": "power", "actor": "officer-1"}


def sealed(text: str, place: str) -> str:
    """Seal a text of a department."""
    return KEYS.seal(text, SealPurpose(f"request.{place}"), owner=NUMBER)


def routed(department: str = "power") -> events.RequestRouted:
    """An event: routed to a department."""
    return events.RequestRouted(
        citizen_id=CITIZEN,
        department=department,
        department_name=words(department),
        because=words("a rule"),
        service="street-light-out",
        service_name=words("Street light"),
        kind="complaint",
        district="peshawar",
        respond_by=START,
        due_at=START,
        details=f"/api/v1/requests/{NUMBER}",
    )


def every_event() -> list[Event]:
    """One event of each type of routing."""
    return [
        routed(),
        events.RequestAccepted(**AT),
        events.RequestQuestioned(**AT, question=sealed("Which lamp?", "question")),
        events.RequestResumed(**AT),
        events.RequestProgressed(**AT, note=sealed("We come on Tuesday.", "note")),
        events.RequestTransferred(**AT, to="roads", reason=sealed("Not our pole.", "reason")),
        events.RequestResolved(**AT, outcome="granted", reply=sealed("The lamp was replaced.", "reply")),
        events.RequestReopened(**AT, reason="not_done"),
        events.RequestDueSoon(**AT, due_at=START),
        events.RequestDelayed(**AT, reason=sealed("We wait.", "reason"), until=START, due_at=START, count=1),
        events.RequestOverdue(**AT, due_at=START, head=words("Head")),
        events.RequestEscalated(**AT, due_at=START, level=1, to="head", official=words("Head")),
        events.RequestFileAdded(**AT, attachment="a", content_type="image/png"),
        events.RequestFileRemoved(**AT, attachment="a"),
        events.RequestWordsAdded(**AT),
        events.RequestUnderAppeal(**AT, appeal=NUMBER),
        events.RequestAbsorbed(**AT, duplicate=NUMBER),
        events.RequestErased(**AT, reason="erasure"),
        events.RequestGraded(**AT, rating=4),
        events.RequestClosed(**AT, reason="confirmed"),
    ]


def take(request: Request, sent: Sequence[Event]) -> None:
    """Handle events in order."""
    for event in sent:
        receive(request, an_envelope(event, request.inbox.get("routing", 0) + 1), effect)


def effect(request: Request, envelope: Envelope) -> None:
    """Apply an event like the inbox."""
    HANDLERS[envelope.type](request, read_event(envelope), envelope)


def verified() -> Request:
    """A request that waits for its department."""
    request = a_request()
    request.note("submit", ActorKind.CITIZEN, START, by=CITIZEN)
    request.take("pass", ActorKind.RULES, START, results=[])
    return request


def test_every_event_of_the_streams_has_a_handler() -> None:
    for stream, table in (("request@routing", HANDLERS), ("citizen", CITIZEN_HANDLERS)):
        assert "requests" in CONSUMERS[stream]
        assert {event.type for event in EVENTS if stream_of(event) == stream} == set(table)


def test_complete_life_cycle_to_an_outcome() -> None:
    request, sent = verified(), every_event()
    take(request, sent[:3])
    assert (request.state, request.department, request.due_at) == (State.QUESTIONED, "power", START)
    request.take("answer", ActorKind.CITIZEN, START, by=CITIZEN)
    take(request, sent[3:5])
    assert request.state is State.IN_PROGRESS
    take(request, [sent[5], routed("roads"), sent[1], sent[6]])
    assert (request.state, request.department, request.outcome) == (State.RESOLVED, "roads", "granted")
    request.take("dispute", ActorKind.CITIZEN, START, by=CITIZEN)
    take(request, sent[7:8])
    assert (request.state, request.outcome) == (State.REOPENED, None)
    shown = views.own_detail(request, KEYS, "ur")
    assert shown["department_name"] == words("roads")["ur"]
    said_words = [entry["words"] for entry in shown["history"] if "words" in entry]
    assert said_words == ["Which lamp?", "We come on Tuesday.", "Not our pole.", "The lamp was replaced."]
    assert shown["actions"] == ["withdraw"]


def test_withdrawn_request_stays_withdrawn() -> None:
    request = verified()
    take(request, [routed()])
    request.take("withdraw", ActorKind.CITIZEN, START, by=CITIZEN)
    take(request, every_event()[1:])
    assert (request.state, request.outcome) == (State.WITHDRAWN, None)
    assert [entry["n"] for entry in request.history] == list(range(1, len(request.history) + 1))


@given(st.lists(st.sampled_from(every_event()), max_size=12))
def test_any_sequence_keeps_the_history_a_path(sent: list[Event]) -> None:
    request = verified()
    take(request, sent)
    for earlier, later in zip(request.history, request.history[1:], strict=False):
        assert later["from"] == earlier["to"]
    assert request.history[-1]["to"] == request.state
    assert request.inbox.get("routing", 0) == len(sent)
    views.own_detail(request, KEYS, "en")


def test_reopened_request_has_the_new_due_date() -> None:
    request = verified()
    take(request, every_event()[:2])
    later = START + timedelta(days=9)
    take(request, [events.RequestReopened(**AT, reason="not_done", due_at=later)])
    assert request.due_at == later
    take(request, [events.RequestReopened(**AT, reason="not_done")])  # from a routing of before
    assert request.due_at == later


def test_tracking_tells_nothing_personal() -> None:
    request = verified()
    request.sealed_address = KEYS.seal("House 12, Street 4", SealPurpose.REQUEST_ADDRESS, owner=NUMBER)
    request.point = {"latitude": 34.015, "longitude": 71.524}
    take(request, every_event()[:3])
    text = str(views.tracking(request, "en"))
    for hidden in ("House", CITIZEN, "officer-1", "Which lamp", "34.015", "results"):
        assert hidden not in text
    assert "power" in text


def test_the_receipt_never_changes() -> None:
    request = verified()
    before = views.filed(request, "signed", "en")
    take(request, every_event()[:2])
    assert views.filed(request, "signed", "en") == before


async def test_stored_data_of_a_citizen_is_minimal() -> None:
    store = MemoryStore(CitizenReplica)
    inbox = Inbox(store, CITIZEN_HANDLERS, lambda key: CitizenReplica(id=key))
    sent: list[Any] = [
        events.CitizenRegistered(name="sealed", mobile="sealed mobile", email="sealed"),
        events.CitizenCodeIssued(purpose="register", code="sealed code", expires_at=START),
        events.CitizenVerified(),
        events.CitizenRegistrationRepeated(),
    ]
    await inbox.take([a_delivery(an_envelope(event, n, subject=CITIZEN)) for n, event in enumerate(sent, 1)])
    document = store.documents[CITIZEN]
    assert (document["sealed_mobile"], document["verified"]) == ("sealed mobile", True)
    assert "sealed code" not in str(document)
