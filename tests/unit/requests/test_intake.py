"""Filing: one write contains everything, and a retry gets the response of the first filing."""

import asyncio
import json

import pytest

from services.requests.filing.service.filing import FiledBy
from services.requests.life.service.citizen import Answer, Confirmation, Correction, Dispute, Withdrawal
from services.requests.request.models import chain
from services.requests.request.models.lifecycle import ActorKind, State
from services.requests.request.models.request import Request
from services.requests.request.service.sealed_texts import answers_of
from services.requests.request.service.views import track_code
from shared.errors import (
    BadRequestError,
    ConflictError,
    InvalidError,
    KeyReusedError,
    NotFoundError,
    Problem,
    UnavailableError,
)
from shared.events import RequestSubmitted
from shared.seal import SealPurpose
from shared.tracking_number import read_number
from shared.transitions import TransitionRefusedError
from tests.builders import CITIZEN, KEYS
from tests.fakes import START, AwayError
from tests.unit.requests.counter import Counter, a_filing


async def test_one_write_holds_request_history_and_event() -> None:
    counter = Counter()
    filed = await counter.file()
    assert counter.store.writes == 1
    assert not filed.replayed
    document = counter.store.documents[filed.request.id]
    assert read_number(document["_id"]) == document["_id"]
    assert [entry["action"] for entry in document["history"]] == ["submit", "pass"]
    [event] = document["events"]
    first = RequestSubmitted.model_validate_json(event["data"])
    assert (first.state, first.facts, first.failed_rules) == ("verifying", {"lights": "one"}, [])
    assert answers_of(KEYS, Request.of(document))["description"] == "The lamp is dark."
    for personal in ("The lamp is dark", "Street 4"):
        assert personal not in str(document)


async def test_the_same_filing_again_is_the_first_one() -> None:
    counter = Counter()
    first = await counter.file()
    again = await counter.file()
    assert again.replayed
    assert again.request.id == first.request.id
    assert len(counter.store.documents) == 1


async def test_a_hundred_at_once_with_one_key_are_one_request() -> None:
    counter = Counter()
    filed = await asyncio.gather(*(counter.file() for _ in range(100)))
    assert len({one.request.id for one in filed}) == len(counter.store.documents) == 1
    assert sum(not one.replayed for one in filed) == 1


async def test_different_keys_and_citizens_are_different_requests_in_shared_writes() -> None:
    counter = Counter()
    filed = await asyncio.gather(*(counter.file(f"key-{n}", f"citizen-{n % 7}") for n in range(100)))
    assert len({one.request.id for one in filed}) == 100
    assert counter.store.writes <= 3


async def test_idempotency_key_is_bound_to_its_body() -> None:
    counter = Counter()
    await counter.file()
    with pytest.raises(KeyReusedError):
        await counter.file(answers={"lights": "many"})
    with pytest.raises(KeyReusedError):
        await counter.file(service="no-such-service")
    assert (await counter.file(citizen="citizen-2")).replayed is False


async def test_a_retry_is_answered_even_when_the_catalogue_has_changed() -> None:
    counter = Counter()
    first = await counter.file()
    counter.catalogue.checks = None
    assert (await counter.file()).request.id == first.request.id


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_write_without_an_answer_is_found_by_the_retry(when: str) -> None:
    counter = Counter()

    def away() -> None:
        setattr(counter.store, when, lambda: None)
        raise AwayError

    setattr(counter.store, when, away)
    with pytest.raises(AwayError):
        await counter.file()
    again = await counter.file()
    assert again.replayed == (when == "after")
    assert len(counter.store.documents) == 1


async def test_one_active_request_where_the_service_says_so() -> None:
    counter = Counter(one_active=True)
    first = await counter.file("key-1")
    with pytest.raises(ConflictError, match="one-active") as caught:
        await counter.file("key-2")
    assert caught.value.params == {"number": first.request.id}
    assert (await counter.file("key-1")).replayed
    await counter.acts.withdraw(CITIZEN, first.request.id, Withdrawal())
    assert not (await counter.file("key-2")).replayed


async def test_a_request_is_public_where_the_service_is_and_the_citizen_does_not_stay_hidden() -> None:
    counter = Counter(public=True)
    for key, confidential in (("key-1", False), ("key-2", True)):
        filed = await counter.file(key, confidential=confidential)
        assert (filed.request.public_id is None) is confidential
        assert filed.request.public_id != filed.request.id
    assert (await Counter().file()).request.public_id is None


async def test_a_number_that_is_taken_is_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    counter = Counter()
    numbers = iter(["RB-0000-0000-0", "RB-0000-0000-0", "RB-0000-0001-Z"])
    monkeypatch.setattr("services.requests.filing.service.intake.new_number", lambda: next(numbers))
    await counter.file("key-1")
    filed = await counter.file("key-2", confidential=True)
    assert filed.request.id == "RB-0000-0001-Z"
    assert counter.store.documents["RB-0000-0001-Z"]["events"][0]["seq"] == 1
    kept = Request.of(counter.store.documents["RB-0000-0001-Z"])
    assert chain.breaks(kept.id, kept.history, KEYS) == []
    assert answers_of(KEYS, kept)["description"] == "The lamp is dark."
    assert track_code(kept, KEYS)
    monkeypatch.setattr("services.requests.filing.service.intake.new_number", lambda: "RB-0000-0000-0")
    with pytest.raises(UnavailableError):
        await counter.file("key-3")


BAD: dict[str, tuple[bytes, type[Problem], list[str]]] = {
    "not JSON": (b"x", BadRequestError, []),
    "no such service": (a_filing(service="no-such"), InvalidError, ["/service"]),
    "no such district": (a_filing(place={"district": "lahore"}), InvalidError, ["/place/district"]),
    "half a point": (a_filing(place={"district": "swat", "latitude": 34.0}), InvalidError, ["/place/longitude"]),
    "off the globe": (
        a_filing(place={"district": "swat", "latitude": 91, "longitude": 181}),
        InvalidError,
        ["/place/latitude", "/place/longitude"],
    ),
    "unknown field": (a_filing(role="admin"), InvalidError, ["/role"]),
    "answers of another kind": (a_filing(answers=[]), InvalidError, ["/answers"]),
    "field and district": (
        a_filing(place={"district": "lahore"}, answers={}),
        InvalidError,
        ["/place/district", "/answers/lights"],
    ),
    "an operator": (a_filing(service={"gt": ""}), InvalidError, ["/service"]),
}


@pytest.mark.parametrize(("body", "error", "pointers"), BAD.values(), ids=BAD.keys())
async def test_a_bad_filing_stores_nothing(body: bytes, error: type[Problem], pointers: list[str]) -> None:
    counter = Counter()
    with pytest.raises(error) as caught:
        await counter.intake.file(FiledBy(CITIZEN), "key", body, "en")
    assert [entry["pointer"] for entry in caught.value.errors] == pointers
    assert counter.store.documents == {}


async def test_a_correction_is_checked_like_a_filing() -> None:
    counter = Counter()
    filed = await counter.file(answers={"lights": "one"})
    number = filed.request.id
    assert filed.request.state is State.INFORMATION_NEEDED
    with pytest.raises(InvalidError):
        await counter.acts.correct(CITIZEN, number, Correction(answers={"lights": "three"}), "en")
    answers = {"lights": "many", "description": "All of them."}
    mended = await counter.acts.correct(CITIZEN, number, Correction(answers=answers), "en")
    assert (mended.state, mended.service_version) == (State.VERIFYING, 1)
    stored = counter.store.documents[number]
    assert [event["type"] for event in stored["events"]] == ["request.submitted.v1", "request.corrected.v1"]
    assert [entry["action"] for entry in stored["history"]] == ["submit", "need", "correct", "pass"]
    assert stored["facts"] == {"lights": "many"}


async def test_only_the_citizen_acts_and_only_when_it_is_possible() -> None:
    counter = Counter()
    number = (await counter.file()).request.id
    for citizen, target in (("citizen-2", number), (CITIZEN, "RB-0000-0000-0")):
        with pytest.raises(NotFoundError):
            await counter.acts.withdraw(citizen, target, Withdrawal())
    for act in (
        counter.acts.answer(CITIZEN, number, Answer(answer="Yes.")),
        counter.acts.confirm(CITIZEN, number, Confirmation()),
        counter.acts.dispute(CITIZEN, number, Dispute(reason="not_done")),
        counter.acts.correct(CITIZEN, number, Correction(answers={"lights": "one"}), "en"),
    ):
        with pytest.raises(TransitionRefusedError):
            await act
    assert counter.store.documents[number]["rev"] == 1


async def test_texts_of_a_citizen_are_sealed_and_not_published() -> None:
    counter = Counter()
    number = (await counter.file()).request.id
    request = await counter.store.get(number)
    assert request is not None
    request.state = State.RESOLVED
    await counter.store.save_many([request])
    await counter.acts.dispute(CITIZEN, number, Dispute(reason="not_done", words="Nobody came to House 12."))
    document = counter.store.documents[number]
    assert "House 12" not in str(document)
    assert (
        KEYS.unseal(document["history"][-1]["sealed_words"], SealPurpose.REQUEST_NOTE, owner=document["_id"])
        == "Nobody came to House 12."
    )
    assert json.loads(document["events"][-1]["data"]) == {"citizen_id": CITIZEN, "reason": "not_done"}


async def test_overtaken_act_is_decided_again() -> None:
    counter = Counter()
    number = (await counter.file()).request.id

    def routing_is_faster() -> None:
        counter.store.before = lambda: None
        other = counter.store.documents[number]
        other["rev"] += 1
        other["department"] = "power"

    counter.store.before = routing_is_faster
    request = await counter.acts.withdraw(CITIZEN, number, Withdrawal())
    assert (request.state, request.department) == (State.WITHDRAWN, "power")
    assert counter.store.documents[number]["seq"] == 2


def test_only_the_table_of_edges_decides_actions() -> None:
    request = Request(id="x", submitted_at=START)
    with pytest.raises(TransitionRefusedError):
        request.take("route", ActorKind.ROUTING, START)
