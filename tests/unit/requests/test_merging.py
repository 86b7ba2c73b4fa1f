"""Merging has one level and writes both requests or neither; a primary without outcome revives the others."""

import asyncio
from types import SimpleNamespace
from typing import cast

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.requests.duplicates.models import MAX_MERGED, follow, follows
from services.requests.duplicates.service.following import Merge, Separation
from services.requests.life.service.citizen import Answer
from services.requests.request.models.lifecycle import BY_ACTION, ActorKind, State
from services.requests.request.models.request import Request
from services.requests.request.schemas import RequestDetails
from shared.auth import Principal
from shared.errors import ConflictError, InvalidError, NotFoundError, PreconditionFailedError, Problem
from shared.rights import Role
from shared.transitions import TransitionRefusedError
from tests.builders import a_request
from tests.fakes import START, AwayError
from tests.unit.requests.counter import Counter
from tests.unit.requests.merges import NUMBERS, OFFICER, REASON, World

WHICH = st.integers(0, len(NUMBERS) - 1)
ACTS = ["merge", "merge", "unmerge", "separate", "withdraw", "lapse", "sweep"]
STEPS = st.tuples(st.sampled_from(ACTS), WHICH, WHICH)
NEW_DEPARTMENT = cast(Principal, SimpleNamespace(id="officer-2", department="roads"))


def ended_undone(request: Request) -> bool:
    """Whether the request ended without outcome: withdrawn, or closed without an answer of its citizen."""
    return request.state == State.WITHDRAWN or (request.state == State.CLOSED and request.outcome is None)


async def test_primary_cannot_be_merged_and_the_problem_explains_alternatives() -> None:
    world = await World().open()
    await world.merge(1, 0)
    with pytest.raises(ConflictError, match="others-merged-into-it") as refused:
        await world.merge(0, 2)
    assert refused.value.params == {"number": NUMBERS[0], "merged": NUMBERS[1]}
    await world.merge(2, 0)
    await world.unmerge(1)
    await world.unmerge(2)
    assert (await world.merge(0, 3)).merged_into == NUMBERS[3]


async def test_merged_request_accepts_no_merge_and_names_its_primary() -> None:
    world = await World().open()
    await world.merge(1, 0)
    with pytest.raises(ConflictError, match="merged-already") as refused:
        await world.merge(2, 1)
    assert refused.value.params == {"number": NUMBERS[1], "primary": NUMBERS[0]}


async def test_a_merge_and_its_undoing_write_both_or_neither() -> None:
    world = await World().open()

    def die() -> None:
        raise AwayError

    world.store.before = die
    with pytest.raises(AwayError):
        await world.merge(1, 0)
    world.store.before = lambda: None
    assert (await world.states(), (await world.get(0)).followers) == (["routed"] * 4, [])
    await world.merge(1, 0)
    assert [one["through"] for one in (await world.get(0)).followers] == [NUMBERS[1]]
    await world.unmerge(1)
    assert (await world.states(), (await world.get(0)).followers) == (["routed", "verifying", "routed", "routed"], [])
    assert world.event_types(1) == ["merged", "separated"]
    assert world.event_types(0) == ["duplicate_joined", "followed", "unfollowed"]


async def test_of_two_officers_who_merge_each_into_the_other_one_is_refused() -> None:
    world = await World().open()
    done = await asyncio.gather(world.merge(0, 1), world.merge(1, 0), return_exceptions=True)
    assert sorted(type(one).__name__ for one in done if isinstance(one, Exception)) == ["PreconditionFailedError"]
    assert sorted(await world.states()) == ["duplicate", "routed", "routed", "routed"]


async def test_an_officer_who_has_not_seen_that_it_became_a_primary_is_told_to_look_again() -> None:
    world = await World().open()
    seen = (await world.get(0)).rev
    await world.merge(1, 0)
    with pytest.raises(PreconditionFailedError):
        await world.following.merge(OFFICER, NUMBERS[0], seen, Merge(into=NUMBERS[2], reason=REASON), "en")


async def test_number_of_merged_requests_is_limited() -> None:
    world = await World().open()
    flood = [
        a_request(f"RB-F{n:03d}", citizen_id=f"somebody-{n}", state=State.DUPLICATE, duplicate_of=NUMBERS[0])
        for n in range(MAX_MERGED)
    ]
    await world.store.insert_many(flood)
    with pytest.raises(ConflictError, match="too-many-merged"):
        await world.merge(1, 0)
    await world.withdraw(0)
    await world.settle()
    assert {document["state"] for number, document in world.store.documents.items() if number.startswith("RB-F")} == {
        "verifying"
    }


async def test_merged_requests_continue_when_the_primary_is_withdrawn() -> None:
    world = await World().open()
    await world.merge(1, 0)
    await world.merge(2, 0)
    await world.withdraw(0)
    await world.settle()
    assert await world.states() == ["withdrawn", "verifying", "verifying", "routed"]
    assert [world.event_types(1)[-1], world.event_types(2)[-1]] == ["revived", "revived"]


async def test_withdrawn_merged_request_gets_no_messages_and_its_followers_do() -> None:
    world = await World().open()
    follower = await world.get(1)
    follow(follower, "a neighbour", START)
    await world.store.save_many([follower])
    await world.merge(1, 0)
    await world.withdraw(1)
    primary = await world.get(0)
    assert (follows(primary, "citizen-1"), follows(primary, "a neighbour")) == (False, True)


async def test_follower_by_two_ways_is_published_once_and_stays_when_one_ends() -> None:
    world = await World().open()
    primary = await world.get(0)
    follow(primary, "citizen-1", START)
    await world.store.save_many([primary])
    await world.merge(1, 0)
    assert (world.event_types(0), (await world.get(0)).follower_count) == (["followed", "duplicate_joined"], 1)
    await world.unmerge(1)
    assert (world.event_types(0), follows(await world.get(0), "citizen-1")) == (["followed", "duplicate_joined"], True)


async def test_the_department_that_has_the_primary_now_can_take_one_out() -> None:
    world = await World().open()
    await world.merge(1, 0)
    with pytest.raises(NotFoundError):
        await world.unmerge(1, NEW_DEPARTMENT)
    await world.take(0, department="roads")
    assert (await world.unmerge(1, NEW_DEPARTMENT)).state == State.VERIFYING


async def test_merged_citizen_can_add_information_while_the_primary_is_open() -> None:
    world = await World().open()
    await world.merge(1, 0)
    told = await world.acts.answer("citizen-1", NUMBERS[1], Answer(answer="The pole is number 4711."))
    assert (told.state, told.history[-1]["action"]) == (State.DUPLICATE, "tell_more")
    assert world.event_types(1) == ["merged", "told_more"]
    assert "4711" not in str(world.store.documents)
    await world.take(
        0, ("accept", ActorKind.DEPARTMENT), ("resolve", ActorKind.DEPARTMENT), ("confirm", ActorKind.CITIZEN)
    )
    with pytest.raises(TransitionRefusedError):
        await world.acts.answer("citizen-1", NUMBERS[1], Answer(answer="One more thing."))


async def test_its_department_reads_all_that_was_merged_and_each_citizen_reads_who_did() -> None:
    counter = Counter()
    numbers = [(await counter.file(citizen, citizen)).request.id for citizen in ("citizen-0", "citizen-1")]
    counter.store.documents[numbers[0]] |= {"department": "roads", "state": State.ACCEPTED}
    counter.store.documents[numbers[1]] |= {
        "department": "power",
        "state": State.DUPLICATE,
        "duplicate_of": numbers[0],
    }
    counter.merged.into[numbers[0]] = list((await counter.store.load_many([numbers[1]])).values())
    officer = Principal("officer-1", Role.OFFICER, "roads", "session", 0.0)
    shown = cast(RequestDetails, (await counter.reading.one(officer, numbers[0], "en")).body)
    [merged] = shown["merged"]
    assert (merged["number"], merged["answers"]["description"]) == (numbers[1], "The lamp is dark.")
    assert sorted(look.citizen_id for look in counter.looks.kept.values()) == ["citizen-0", "citizen-1"]
    assert "merge" not in shown["actions"]
    alone = cast(RequestDetails, (await counter.reading.one(officer, numbers[1], "en")).body)
    assert (alone["merged_into"], alone["actions"]) == (numbers[0], ["unmerge"])
    stranger = Principal("officer-2", Role.OFFICER, "water", "session", 0.0)
    with pytest.raises(NotFoundError):
        await counter.reading.one(stranger, numbers[1], "en")


def test_every_end_decides_whether_merged_requests_continue() -> None:
    ends: dict[str, tuple[bool, bool]] = {}
    for edge in BY_ACTION.values():
        if edge.target in (State.CLOSED, State.WITHDRAWN):
            for outcome in (None, "granted"):
                request = a_request(state=next(iter(edge.sources)), outcome=outcome)
                request.take(edge.action, edge.who, START)
                ends[f"{edge.action} {outcome}"] = (request.passes_on, ended_undone(request))
    assert all(passes is undone for passes, undone in ends.values()), ends


async def run(steps: list[tuple[str, int, int]]) -> World:
    """Take steps of officers, citizens and the sweep; refused ones are ignored."""
    world = await World().open()
    for name, one, other in steps:
        try:
            if name == "merge":
                await world.merge(one, other)
            elif name == "unmerge":
                await world.unmerge(one)
            elif name == "separate":
                await world.following.separate(f"citizen-{one}", NUMBERS[one], Separation(reason="Another."))
            elif name == "withdraw":
                await world.withdraw(one)
            elif name == "lapse":
                await world.take(one, ("question", ActorKind.DEPARTMENT), ("lapse", ActorKind.CLOCK))
            else:
                await world.following.finish()
        except (ConflictError, InvalidError, Problem):
            continue
    await world.settle()
    return world


@given(st.lists(STEPS, max_size=14))
@example([("merge", 1, 2), ("withdraw", 1, 0), ("merge", 2, 0)])
def test_merges_have_one_level_and_none_waits_for_an_ended_primary(
    steps: list[tuple[str, int, int]],
) -> None:
    world = asyncio.run(run(steps))
    requests = asyncio.run(world.store.load_many(NUMBERS))
    for request in requests.values():
        told = {one["citizen_id"] for one in request.followers if one["through"]}
        merged = [one for one in requests.values() if one.merged_into == request.id]
        if not ended_undone(request):
            assert told == {one.citizen_id for one in merged}
        if merged:
            assert request.state != State.DUPLICATE
            assert not ended_undone(request)
