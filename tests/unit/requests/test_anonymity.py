"""An anonymised request keeps what government did and when, and nothing about the person."""

import json
from typing import Any

import pytest

from services.requests.handlers import HANDLERS
from services.requests.life.models import KEPT, anonymise
from services.requests.request.models import chain
from services.requests.request.models.lifecycle import ActorKind, State
from services.requests.request.models.request import Request
from shared import events
from shared.seal import SealPurpose
from shared.transitions import TransitionRefusedError
from tests.builders import CITIZEN, KEYS, NUMBER, a_request, an_envelope, words
from tests.fakes import START, FakeClock, MemoryStore

SECRETS = ("the blue house", "my neighbour's name", "we spoke to your wife", CITIZEN, "key-of-", "34.0151")


def a_finished_request() -> Request:
    """A closed request with personal data in every field."""
    request = a_request(
        sealed_answers="sealed: my neighbour's name",
        sealed_address="sealed: the blue house",
        point={"latitude": 34.01512345, "longitude": 71.52491234},
        facts={"lights": "one"},
        department="power",
        department_name=words("power"),
        outcome="granted",
        state=State.CONFIRMED,
        active_service="street-light-out",
    )
    request.note("submit", ActorKind.CITIZEN, START, by=CITIZEN)
    request.note("progress", ActorKind.DEPARTMENT, START, by="officer-1", sealed_words="sealed: we spoke to your wife")
    request.note("confirm", ActorKind.CITIZEN, START, by=CITIZEN, rating=4, reason="not_done")
    request.take("close", ActorKind.ROUTING, START, by="routing")
    request.emit(events.RequestConfirmed(citizen_id=CITIZEN, rating=4), START)
    return request


def stored(request: Request) -> dict[str, Any]:
    """The fields as stored."""
    return json.loads(json.dumps(request.fields(), default=str))  # type: ignore[no-any-return]


def test_nothing_of_the_person_is_left() -> None:
    request = a_finished_request()
    before = json.dumps(stored(request))
    assert all(secret in before for secret in SECRETS)
    assert anonymise(request, "erasure")
    after = json.dumps(stored(request))
    assert not [secret for secret in SECRETS if secret in after]
    assert request.citizen_id.startswith("erased:")
    assert request.point == {"latitude": 34.02, "longitude": 71.52}


def test_acts_of_the_department_stay_after_the_erasure() -> None:
    request, untouched = a_finished_request(), a_finished_request()
    anonymise(request, "retention")
    for name in KEPT - {"history", "anonymised_at", "changed_at"}:
        assert getattr(request, name) == getattr(untouched, name), name
    steps = [(e["n"], e["action"], e["who"], e["at"], e["from"], e["to"]) for e in request.history]
    assert steps[:-1] == [(e["n"], e["action"], e["who"], e["at"], e["from"], e["to"]) for e in untouched.history]
    assert request.history[2]["rating"] == 4
    assert request.history[1]["by"] == "officer-1"
    assert (request.history[-1]["action"], request.history[-1]["reason"]) == ("anonymise", "retention")
    assert request.state is State.CLOSED
    assert chain.breaks(request.id, request.history) == []


def test_two_requests_of_one_citizen_are_not_linked_afterwards() -> None:
    one, other = a_finished_request(), a_finished_request()
    anonymise(one, "erasure")
    anonymise(other, "erasure")
    assert one.citizen_id != other.citizen_id


def test_anonymisation_happens_and_is_published_once() -> None:
    request = a_finished_request()
    assert anonymise(request, "erasure")
    once = stored(request)
    assert not anonymise(request, "retention")
    assert stored(request) == once
    published = [envelope for envelope in request.emitted if envelope.type == events.RequestAnonymised.type]
    assert len(published) == 1
    assert CITIZEN.encode() not in published[0].data


def test_words_that_arrive_afterwards_are_not_kept() -> None:
    request = a_finished_request()
    anonymise(request, "erasure")
    late = events.RequestProgressed(
        citizen_id=CITIZEN,
        department="power",
        actor="officer-1",
        note=KEYS.seal("late", SealPurpose.REQUEST_NOTE, owner=NUMBER),
    )
    HANDLERS[late.type](request, late, an_envelope(late))
    assert request.history[-1]["action"] == "progress"
    assert "sealed_words" not in request.history[-1]


def test_anonymised_request_needs_no_retention() -> None:
    request = a_finished_request()
    request.state = State.CONFIRMED
    anonymise(request, "erasure")
    closed = events.RequestClosed(citizen_id=CITIZEN, department="power", reason="confirmed")
    HANDLERS[closed.type](request, closed, an_envelope(closed))
    assert (request.state, request.ended) == (State.CLOSED, None), "retention would find it again and again"


async def test_bodies_are_erased_only_when_all_consumers_have_them() -> None:
    clock = FakeClock()
    store = MemoryStore(Request, clock)
    await store.insert_many([a_finished_request()])
    loaded = await store.get(NUMBER)
    assert loaded is not None
    anonymise(loaded, "erasure")
    assert await store.save_many([loaded]) == set()
    consumers = events.CONSUMERS["request@requests"]
    assert await store.forget_settled(consumers) == 0
    await store.confirm_sent({NUMBER: (1, 2)})
    clock.advance(minutes=3)
    for consumer in consumers:
        assert await store.forget_settled(consumers) == 0
        assert CITIZEN in json.dumps(store.documents[NUMBER]["events"], default=str)
        asked = await store.next_range(consumer, 10)
        assert asked is not None
        assert await store.move_watermark(consumer, asked.since, asked.upto)
    assert await store.forget_settled(consumers) == 1
    published = store.documents[NUMBER]["events"]
    assert CITIZEN not in json.dumps(published, default=str)
    assert [(entry["seq"], entry["type"]) for entry in published] == [
        (1, events.RequestConfirmed.type),
        (2, events.RequestAnonymised.type),
    ]
    assert await store.forget_settled(consumers) == 0


def test_anonymised_request_cannot_be_overridden() -> None:
    request = a_request(state=State.INELIGIBLE, intended="power")
    anonymise(request, "retention")
    assert request.intended is None
    with pytest.raises(TransitionRefusedError):
        request.take("override", ActorKind.OFFICER, START, by="officer-1")
