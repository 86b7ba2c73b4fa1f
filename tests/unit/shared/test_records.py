"""A record numbers its events, and changing it does not change what was stored."""

from services.requests.request.models.lifecycle import ActorKind
from services.requests.request.models.request import Request
from shared import events
from shared.records import PLUMBING
from shared.seal import SealPurpose
from tests.builders import CITIZEN, KEYS, NUMBER, a_request
from tests.fakes import START, MemoryStore


def test_events_are_numbered_without_gaps() -> None:
    request = a_request()
    for _ in range(3):
        request.emit(events.RequestAnswered(citizen_id=CITIZEN), START)
    assert [envelope.seq for envelope in request.emitted] == [1, 2, 3]
    assert {envelope.source for envelope in request.emitted} == {"requests"}
    assert {envelope.subject for envelope in request.emitted} == {request.id}


def test_absent_fields_of_an_event_are_not_sent() -> None:
    request = a_request()
    request.emit(events.RequestConfirmed(citizen_id=CITIZEN), START)
    assert request.emitted[0].data == b'{"citizen_id":"citizen-1"}'


def test_bookkeeping_fields_are_stored_by_the_store_only() -> None:
    assert not PLUMBING & a_request().fields().keys()


async def test_mutated_field_counts_as_changed() -> None:
    store = MemoryStore(Request)
    filed = a_request(history=[{"n": 1}], facts={"lights": ["one"]})
    await store.insert_many([filed])
    loaded = await store.get(filed.id)
    assert loaded is not None
    loaded.take("pass", ActorKind.RULES, START)
    loaded.inbox["routing"] = 1
    loaded.parked.setdefault("routing", {})["3"] = {"seq": 3}
    loaded.facts["lights"].append("many")
    assert loaded.stored["history"] == [{"n": 1}]
    assert not await store.save_many([loaded])
    again = await store.get(filed.id)
    assert again is not None
    assert [entry["n"] for entry in again.history] == [1, 2]
    assert (again.inbox, again.parked) == ({"routing": 1}, {"routing": {"3": {"seq": 3}}})
    assert again.facts == {"lights": ["one", "many"]}


async def test_a_document_of_an_older_program_is_read_with_defaults() -> None:
    store = MemoryStore(Request)
    await store.insert_many([a_request()])
    document = store.documents[a_request().id]
    del document["outcome"]
    document["of_a_newer_program"] = 1
    loaded = await store.get(a_request().id)
    assert loaded is not None
    assert loaded.outcome is None


def test_answers_sealed_by_the_test_builder_open() -> None:
    assert KEYS.unseal(a_request().sealed_answers, SealPurpose.REQUEST_ANSWERS, owner=NUMBER) == "{}"
