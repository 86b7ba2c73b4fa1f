"""Bundles: events of one type share a message and come out as they went in; nobody else can make one."""

from typing import Any

from shared.bus import EVENTS, IncomingMessage, Message
from shared.bus.bundles import BUNDLE, MAX_BUNDLE, bundle_of, bundled, unbundled
from shared.bus.publisher import event_message
from shared.envelope import FORGOTTEN, Envelope
from tests.builders import a_received, an_envelope
from tests.cases import cases
from tests.unit.notifier.samples import EVENTS as SAMPLES


def received(message: Message, exchange: str) -> IncomingMessage:
    """A published message as it arrives."""
    return a_received(message.body, message.headers, message.message_id, tag=7, exchange=exchange)


def message(name: str, key: str = "request.routed.v1", exchange: str = EVENTS, subject: str = "") -> Message:
    """A message with this id, about a subject of its own unless one is named."""
    return Message(exchange, key, b"{}", name, {"ce-id": name}, correlation_id=subject or name)


@cases("exchange", [EVENTS, ""])
def test_every_event_comes_out_as_it_went_in_also_from_the_dead_letters(exchange: str) -> None:
    envelopes = [an_envelope(event, seq) for seq, event in enumerate(SAMPLES, 1)]
    envelopes.append(Envelope("requests", "request.routed.v1", "RB-1", 1, envelopes[0].at, FORGOTTEN))
    bundle = received(bundle_of([event_message(envelope) for envelope in envelopes]), exchange)
    taken = unbundled(bundle)
    assert [Envelope.read(one.headers, one.body) for one in taken] == envelopes
    assert [one.message_id for one in taken] == [envelope.id for envelope in envelopes]
    assert {one.tag for one in taken} == {7}


def test_only_events_of_one_type_for_all_services_are_bundled_and_only_so_many() -> None:
    messages = [
        message("a"),
        message("b", "request.closed.v1"),
        message("c"),
        message("to-a-queue", exchange=""),
        message("to-the-same-queue", exchange=""),
        *(message(f"more-{n}") for n in range(MAX_BUNDLE)),
    ]
    sent, places = bundled(messages)
    assert [one.headers.get(BUNDLE) for one in sent] == [MAX_BUNDLE, None, None, None, 2]
    assert places == [0, 1, 0, 2, 3, *[0] * (MAX_BUNDLE - 2), 4, 4]
    assert sent[1:4] == [messages[1], messages[3], messages[4]]


def test_events_of_one_subject_keep_their_order() -> None:
    first, following, third = (message(name, subject="RB-1") for name in ("a", "b", "c"))
    between = message("between", "request.closed.v1", subject="RB-1")
    others = [message("other"), message("another", "request.closed.v1")]
    assert bundled([first, following, *others, between, third])[1] == [0, 0, 0, 1, 1, 2]


@cases(
    "exchange, body",
    [
        ("rabta.actions", b'[{"id": "a", "data": {}}]'),
        (EVENTS, b"no JSON"),
        (EVENTS, b"[1]"),
        (EVENTS, b'{"id": "a"}'),
        ("", b'[{"id": "a"}]'),
    ],
)
def test_a_bundle_of_somebody_else_or_a_broken_one_stays_one_message(exchange: str, body: bytes) -> None:
    headers: dict[str, Any] = {BUNDLE: 1}
    bundle = a_received(body, headers, exchange=exchange)
    assert unbundled(bundle) == [bundle]
