"""An appeal changes two documents: after a crash between both writes, the clock of the first finishes the work."""

import hashlib
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.requests.catalogue.service.catalogue import Catalogue
from services.requests.life.service.appeals import Appeals, Grounds
from services.requests.life.service.citizen import CitizenActs, Dispute
from services.requests.life.service.clocks import Clocks
from services.requests.proof.models import claims
from services.requests.request.models import chain
from services.requests.request.models.lifecycle import ActorKind, State
from services.requests.request.models.replicas import CitizenReplica
from services.requests.request.models.request import Request
from services.requests.request.store.requests import RequestStore
from shared.errors import ConflictError, Problem
from shared.events import BY_TYPE, CONFIDENTIAL
from shared.seal import SealPurpose
from shared.transitions import TransitionRefusedError
from tests.builders import CITIZEN, KEYS, NUMBER, a_request
from tests.fakes import START, AwayError, MemoryStore

GROUNDS = Grounds(grounds="Nobody came to look at the lamp.")


class Court:
    """A request that the head decided, and the use case of appeals."""

    def __init__(self, **fields: Any) -> None:
        self.store = MemoryStore(Request, unique=[("citizen_id", "idempotency_key"), ("appeal_of",)])
        store = cast(RequestStore, self.store)
        self.appeals = Appeals(store, KEYS)
        self.clocks = Clocks(store, errands=self.appeals.errands)
        self.first = a_request(state=State.ACCEPTED, department="power", **{"disputed": True, **fields})
        self.first.take("resolve", ActorKind.DEPARTMENT, START, by="head-1", outcome="not_granted")

    async def sit(self) -> "Court":
        """Store the request."""
        await self.store.insert_many([self.first])
        return self

    async def appeal(self, key: str = "key") -> Request:
        """Appeal."""
        return (await self.appeals.appeal(CITIZEN, NUMBER, key, GROUNDS)).request

    async def sweep(self) -> None:
        """Run every errand that is due."""
        due = [d["_id"] for d in self.store.documents.values() if d["clock"] in self.appeals.errands]
        await self.clocks.take(list((await self.store.load_many(due)).values()))

    async def get(self, number: str) -> Request:
        """A request."""
        found = await self.store.get(number)
        assert found is not None
        return found

    async def decide(self, number: str, outcome: str) -> None:
        """Handle routing's event of the authority's decision."""
        appeal = await self.get(number)
        appeal.department = "ombudsman"
        appeal.take("route", ActorKind.ROUTING, START, department="ombudsman")
        appeal.take("accept", ActorKind.DEPARTMENT, START, by="judge-1")
        words = KEYS.seal("The lamp must be mended.", SealPurpose.REQUEST_REPLY, owner=number)
        appeal.take("resolve", ActorKind.DEPARTMENT, START, by="judge-1", outcome=outcome, sealed_words=words)
        appeal.outcome = outcome
        appeal.take("close", ActorKind.ROUTING, START)
        await self.store.save_many([appeal])

    def event_types(self, number: str) -> list[str]:
        """The types of a request's events."""
        return [event["type"] for event in self.store.documents[number]["events"]]


async def crashed_between_the_two_writes() -> Court:
    """The first request names its appeal, which was not written."""
    court = await Court().sit()
    writes = 0

    def cut() -> None:
        nonlocal writes
        writes += 1
        if writes == 2:
            raise AwayError

    court.store.before = cut
    with pytest.raises(AwayError):
        await court.appeal()
    court.store.before = lambda: None
    return court


async def test_an_appeal_that_was_cut_off_and_taken_back_goes_to_no_authority_when_it_is_sent_again() -> None:
    court = await crashed_between_the_two_writes()
    first = await court.get(NUMBER)
    first.take("withdraw", ActorKind.CITIZEN, START, by=CITIZEN)
    await court.store.save_many([first])
    await court.sweep()
    assert (await court.appeal()).state == "withdrawn"
    await court.sweep()
    assert [one["state"] for one in court.store.documents.values()] == ["withdrawn", "withdrawn"]


async def test_a_crash_between_the_two_writes_is_made_good_by_the_clock() -> None:
    court = await crashed_between_the_two_writes()
    first = await court.get(NUMBER)
    assert (first.state, first.clock, len(court.store.documents)) == ("under_appeal", "file_appeal", 1)
    await court.sweep()
    await court.sweep()
    appeal = await court.get(str(first.appeal))
    assert (appeal.kind, appeal.appeal_of, appeal.state) == ("appeal", NUMBER, "verifying")
    assert court.event_types(appeal.id) == ["request.appeal_filed.v1"]
    filed = BY_TYPE["request.appeal_filed.v1"].model_validate_json(
        court.store.documents[appeal.id]["events"][0]["data"]
    )
    assert (filed.actors, filed.departments) == (["head-1"], ["power"])  # type: ignore[attr-defined]
    assert (await court.get(NUMBER)).clock is None
    assert (await court.appeal()).id == appeal.id


@pytest.mark.parametrize(
    ("outcome", "state", "event_type"),
    [
        ("granted", "reopened", "request.remitted.v1"),
        ("partly_granted", "reopened", "request.remitted.v1"),
        ("not_granted", "closed", "request.appeal_decided.v1"),
    ],
)
async def test_the_decision_reaches_the_first_request_once(outcome: str, state: str, event_type: str) -> None:
    court = await Court().sit()
    appeal = await court.appeal()
    await court.decide(appeal.id, outcome)
    for _ in range(3):
        await court.sweep()
    first = await court.get(NUMBER)
    assert first.state == state
    assert court.event_types(NUMBER) == ["request.appealed.v1", event_type]
    assert (await court.get(appeal.id)).clock is None


async def test_overtaken_errand_is_retried() -> None:
    court = await Court().sit()
    appeal = await court.appeal()
    await court.decide(appeal.id, "granted")
    stale = await court.get(appeal.id)

    def the_citizen_is_faster() -> None:
        court.store.before = lambda: None
        court.store.documents[NUMBER]["rev"] += 1

    court.store.before = the_citizen_is_faster
    await court.clocks.take([stale])
    assert (await court.get(appeal.id)).clock == "pass_decision"
    await court.sweep()
    assert (await court.get(NUMBER)).state == "reopened"


async def test_before_the_head_has_decided_and_after_the_time_there_is_no_appeal() -> None:
    court = await Court(disputed=False).sit()
    with pytest.raises(ConflictError, match="dispute-first"):
        await court.appeal()
    late = await Court(waits={"appeal": -1}).sit()
    with pytest.raises(ConflictError, match="appeal-too-late"):
        await late.appeal()


STEPS = st.lists(
    st.sampled_from(["appeal", "again", "sweep", "granted", "not_granted", "withdraw first", "withdraw appeal"]),
    max_size=12,
)


@given(STEPS, st.integers(0, 12))
async def test_in_whatever_order_things_happen_the_two_agree_in_the_end(steps: list[str], cut: int) -> None:
    court = await Court().sit()
    for place, step in enumerate(steps):
        number = (await court.get(NUMBER)).appeal
        if place == cut:
            court.store.before = away
        try:
            if step in ("appeal", "again"):
                await court.appeal("key" if step == "appeal" else "other")
            elif step == "sweep":
                await court.sweep()
            elif step.startswith("withdraw"):
                request = await court.get(NUMBER if step.endswith("first") else number or NUMBER)
                request.take("withdraw", ActorKind.CITIZEN, START, by=CITIZEN)
                await court.store.save_many([request])
            elif number in court.store.documents:
                await court.decide(number, step)
        except (Problem, AwayError):
            pass
        court.store.before = lambda: None
    for _ in range(4):
        await court.sweep()
    first = await court.get(NUMBER)
    assert len(court.store.documents) == (1 if first.appeal is None else 2)
    if first.appeal is not None:
        appeal = await court.get(first.appeal)
        over = appeal.state in ("closed", "withdrawn")
        assert over == (first.state != "under_appeal")
        assert (first.state == "reopened") <= (appeal.outcome == "granted")
    for document in court.store.documents.values():
        for earlier, later in zip(document["history"], document["history"][1:], strict=False):
            assert later["from"] == earlier["to"]
        assert document["clock"] not in court.appeals.errands


def away() -> None:
    """Raise the error of an absent database."""
    raise AwayError


async def test_appeal_decision_cannot_be_disputed() -> None:
    court = await Court().sit()
    appeal = await court.get((await court.appeal()).id)
    appeal.take("route", ActorKind.ROUTING, START, department="ombudsman")
    appeal.take("accept", ActorKind.DEPARTMENT, START, by="judge-1")
    appeal.take("resolve", ActorKind.DEPARTMENT, START, by="judge-1", outcome="granted")
    court.store.documents[appeal.id] |= appeal.fields()
    acts = CitizenActs(cast(RequestStore, court.store), cast(Catalogue, None), MemoryStore(CitizenReplica), KEYS)
    with pytest.raises(TransitionRefusedError):
        await acts.dispute(CITIZEN, appeal.id, Dispute(reason="not_done"))


async def test_an_appeal_hides_its_citizen_as_the_request_did() -> None:
    fields = {
        "confidential": True,
        "sealed_citizen": CONFIDENTIAL + KEYS.seal(CITIZEN, SealPurpose.REQUEST_CITIZEN, owner=NUMBER),
        "sealed_track_code": KEYS.seal("4711", SealPurpose.REQUEST_TRACK_CODE, owner=NUMBER),
        "act_key_index": "key",
    }
    court = await Court(**fields).sit()
    appeal = await court.appeal()
    assert (appeal.confidential, appeal.act_key_index) == (True, "key")
    assert KEYS.unseal(appeal.sealed_track_code or "", SealPurpose.REQUEST_TRACK_CODE, owner=appeal.id) == "4711"
    hidden = (appeal.sealed_citizen or "").removeprefix(CONFIDENTIAL)
    assert KEYS.unseal(hidden, SealPurpose.REQUEST_CITIZEN, owner=appeal.id) == CITIZEN
    await court.decide(appeal.id, "granted")
    await court.sweep()
    for number in (NUMBER, appeal.id):
        assert CITIZEN not in str(court.store.documents[number]["events"])
        assert chain.breaks(number, (await court.get(number)).history, KEYS) == []


async def test_the_receipt_of_an_appeal_says_what_was_appealed_with() -> None:
    court = await Court().sit()
    appeal = await court.appeal()
    assert claims(appeal, "https://rabta.example")["body"] == hashlib.sha256(GROUNDS.grounds.encode()).hexdigest()


async def test_an_appeal_taken_back_before_its_closing_arrived_was_not_granted() -> None:
    """An appeal that is withdrawn between the decision and the closing was not granted."""
    court = await Court().sit()
    number = (await court.appeal()).id
    appeal = await court.get(number)
    appeal.take("route", ActorKind.ROUTING, START, department="ombudsman")
    appeal.take("accept", ActorKind.DEPARTMENT, START, by="judge-1")
    appeal.take("resolve", ActorKind.DEPARTMENT, START, by="judge-1", outcome="granted")
    appeal.outcome = "granted"
    appeal.take("withdraw", ActorKind.CITIZEN, START, by=CITIZEN)
    await court.store.save_many([appeal])
    await court.sweep()
    first = await court.get(NUMBER)
    assert (first.state, first.history[-1]["reason"]) == ("closed", "withdraw")
