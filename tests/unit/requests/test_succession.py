"""What was merged into a request that ends undone goes on, whoever acts meanwhile and wherever the process dies."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.requests.catalogue import Catalogue
from services.requests.models import following
from services.requests.models.anonymity import anonymise
from services.requests.models.lifecycle import BY_ACTION, State, Who, target
from services.requests.models.request import Request
from services.requests.models.succession import ended_undone
from services.requests.service.following import Following, Merge
from services.requests.service.settlement import Settlement
from services.requests.service.succession import Succession
from services.requests.store import RequestStore
from services.requests.store.neighbours import Neighbours
from shared.auth import Principal
from shared.errors import ConflictError, InvalidError, PreconditionFailedError, Problem
from tests.builders import KEYS, a_request
from tests.fakes import START, AwayError, MemoryStore
from tests.unit.requests.owing import Owing

NUMBERS = ["RB-0000-0000-0", "RB-1111-1111-M", "RB-2222-2222-8", "RB-3333-3333-W"]
OFFICER = cast(Principal, SimpleNamespace(id="officer", department="works"))
WHICH = st.integers(0, len(NUMBERS) - 1)
STEPS = st.one_of(
    st.tuples(st.just("merge"), WHICH, WHICH),
    st.tuples(st.just("merge_unseen"), WHICH, WHICH),
    st.tuples(st.just("merge_both"), WHICH, WHICH),
    st.tuples(st.just("merge_late"), WHICH, WHICH),
    st.tuples(st.just("merge_desk"), WHICH, WHICH),
    st.tuples(
        st.sampled_from(["withdraw", "withdraw", "lapse", "separate", "erase", "retire", "resolve", "route", "watch"]),
        WHICH,
        WHICH,
    ),
    st.tuples(st.just("sweep"), st.integers(1, 12), st.sampled_from([0, 1])),
)


class World:
    """Four requests at one department, each of another citizen or not, and the sweep that sees to merges."""

    def __init__(self, citizens: int = 4) -> None:
        self.citizens = citizens
        self.store = MemoryStore(Request)
        self.following = Following(
            cast(RequestStore, self.store), cast(Neighbours, Owing(self.store)), cast(Catalogue, None), KEYS
        )

    async def open(self) -> "World":
        """File them, the first one first."""
        for place, number in enumerate(NUMBERS):
            request = a_request(number, citizen_id=f"citizen-{place % self.citizens}", department="works")
            request.take("pass", Who.RULES, START)
            request.take("route", Who.ROUTING, START)
            await self.store.insert_many([request])
        return self

    async def get(self, place: int) -> Request:
        """One of them."""
        found = await self.store.get(NUMBERS[place])
        assert found is not None
        return found

    async def all(self) -> dict[str, Request]:
        """All of them."""
        return await self.store.load_many(NUMBERS)

    async def settle(self) -> None:
        """Let the sweep look until there is nothing left to do."""
        for _ in range(40):
            if not any(d["owes"] or d["passes_on"] for d in self.store.documents.values()):
                return
            await self.following.finish()
        raise AssertionError("the sweep never ends")

    async def take(self, name: str, one: int, other: int) -> None:
        """One step of somebody; what the rules refuse does not happen."""
        if name == "sweep":
            await self.dying_sweep(one, after=bool(other))
            return
        request, into = await self.get(one), await self.get(other)
        if name == "erase":
            await self.erase(request.citizen_id)
            return
        try:
            if name == "merge_desk":
                merge = Merge(into=into.id, reason="The same lamp.")
                await self.following.merge(OFFICER, request.id, request.rev, merge, "en")
                return
            if name == "retire":
                if await self.nothing_goes_on(request):
                    anonymise(request, "retention")
            elif name.startswith("merge"):
                if one == other or into.state not in following.FOLLOWABLE:
                    return
                following.merge(request, into.id, START, by="officer", words="sealed")
                if name == "merge_unseen":  # it is taken back between the officer's look and the write
                    await self.take("withdraw", other, one)
                    await self.following.finish()
                if name == "merge_late":  # it is merged on in that moment, and everybody told
                    await self.take("merge", other, (other + 1) % len(NUMBERS))
                    await self.following.finish()
                if name == "merge_both":
                    following.merge(into, request.id, START, by="officer-2", words="sealed")
                    await self.store.save_many([into])
            else:
                self.change(request, name)
        except (ConflictError, InvalidError, PreconditionFailedError):
            return
        await self.store.save_many([request])

    @staticmethod
    def change(request: Request, name: str) -> None:
        """What happens to one request alone."""
        if name == "withdraw":
            request.take("withdraw", Who.CITIZEN, START)
        elif name == "separate":
            following.separate(request, Who.CITIZEN, START, by=request.citizen_id, words="sealed")
        elif name == "lapse":
            request.take("question", Who.DEPARTMENT, START)
            request.take("lapse", Who.CLOCK, START)
        elif name == "resolve":
            request.take("accept", Who.DEPARTMENT, START)
            request.take("resolve", Who.DEPARTMENT, START)
            request.outcome = "granted"
            request.take("confirm", Who.CITIZEN, START)
            request.take("close", Who.ROUTING, START)
        elif name == "route":
            request.take("route", Who.ROUTING, START)
        elif name == "watch" and request.state in following.FOLLOWABLE:
            following.follow(request, f"watcher of {request.id}", START)

    async def erase(self, citizen_id: str) -> None:
        """Close an account: its citizen follows nothing, and no request of theirs keeps its person."""
        for request in (await self.all()).values():
            if request.citizen_id == citizen_id:
                if target("withdraw", Who.CITIZEN, State(request.state)):
                    request.take("withdraw", Who.CITIZEN, START)
                anonymise(request, "erasure")
            else:
                following.unfollow(request, citizen_id, START)
            await self.store.save_many([request])

    async def nothing_goes_on(self, request: Request) -> bool:
        """Whether it and all that it was merged into, and so on, is over and seen to, as retention asks."""
        requests = await self.all()
        for _ in NUMBERS:
            if request.passes_on or request.owes or not (request.ended or request.anonymised_at):
                return False
            request = requests.get(str(request.duplicate_of), request)
        return True

    async def dying_sweep(self, writes: int, *, after: bool) -> None:
        """A sweep whose process dies at its n-th write: before it, or when it was written and nobody heard."""
        left = [writes]

        def die() -> None:
            left[0] -= 1
            if left[0] == 0:
                raise AwayError

        setattr(self.store, "after" if after else "before", die)
        try:
            await self.following.finish()
        except (AwayError, Problem):
            pass
        finally:
            self.store.after = self.store.before = lambda: None


def said(request: Request | None, world: World, kind: str) -> int:
    """How often a request said something."""
    assert request is not None
    return [event["type"] for event in world.store.documents[request.id]["events"]].count(f"request.{kind}.v1")


def way_of(request: Request, requests: dict[str, Request]) -> list[Request]:
    """What a request was merged into, what that was merged into, and so on to what goes on."""
    way = [request]
    while way[-1].state == State.DUPLICATE:
        way.append(requests[str(way[-1].duplicate_of)])
        assert way[-1].id not in {one.id for one in way[:-1]}, "a ring: nobody works on any of them"
    return way


def hears(citizen_id: str, request: Request) -> bool:
    """Whether the citizen is told of the request's steps."""
    return request.citizen_id == citizen_id or following.follows(request, citizen_id)


def comes_by(citizen_id: str, merged: Request, primary: Request) -> bool:
    """Whether a request stands merged into another and is why the citizen hears of that one."""
    return merged.state == State.DUPLICATE and merged.duplicate_of == primary.id and hears(citizen_id, merged)


def check(world: World, requests: dict[str, Request]) -> None:
    """Nobody's request is lost or goes on unheard, nobody hears of what they came to by a merge that is no more, every
    history is a path, and each revival was told once."""
    for request in requests.values():
        if request.state == State.DUPLICATE and request.anonymised_at is None:
            primary = requests[str(request.duplicate_of)]
            assert not ended_undone(primary), f"{request.id} waits for {primary.id}, which ended undone"
            goes_on = way_of(request, requests)[-1]
            if goes_on.anonymised_at is None:
                for citizen_id in (request.citizen_id, *(one["citizen_id"] for one in request.followers)):
                    assert hears(citizen_id, goes_on), f"{citizen_id} was to hear of {request.id} and does not"
        if request.anonymised_at is None and not ended_undone(request):
            for follower in request.followers:
                if through := follower["through"]:
                    assert comes_by(follower["citizen_id"], requests[through], request), (follower, request.id)
        revived = [entry["ended"] for entry in request.history if entry["action"] == "revive"]
        assert len(revived) == said(request, world, "revived")
        for entry in request.history:
            edge = BY_ACTION.get(entry["action"])
            assert entry["to"] == (edge.target if edge else entry["from"])
    heirs = [
        entry["ended"]
        for request in requests.values()
        for entry in request.history
        if entry["action"] == "revive" and request.state == State.VERIFYING
    ]
    assert len(heirs) == len(set(heirs)), "two took one place"


@given(st.lists(STEPS, max_size=14), st.integers(2, len(NUMBERS)))
@settings(max_examples=150, deadline=None)
def test_nobodys_request_is_lost_in_whatever_order_it_happens(steps: list[tuple[str, int, int]], citizens: int) -> None:
    async def happen() -> None:
        world = await World(citizens).open()
        for step in steps:
            await world.take(*step)
        await world.settle()
        check(world, await world.all())

    asyncio.run(happen())


async def test_who_is_merged_into_what_was_merged_on_in_that_moment_hears_of_the_last() -> None:
    world = await World().open()
    await world.take("merge_late", 0, 1)
    await world.settle()
    last = await world.get(2)
    assert {one["citizen_id"]: one["through"] for one in last.followers} == {
        "citizen-0": NUMBERS[1],
        "citizen-1": NUMBERS[1],
    }
    await world.take("separate", 0, 0)
    await world.settle()
    assert [one["citizen_id"] for one in (await world.get(2)).followers] == ["citizen-1"]


async def test_a_citizens_second_request_still_hears_when_the_first_is_taken_apart() -> None:
    world = await World(citizens=2).open()
    await world.take("merge", 0, 1)
    await world.settle()
    await world.take("merge", 2, 1)
    await world.settle()
    await world.take("separate", 0, 0)
    await world.settle()
    primary = await world.get(1)
    assert [(one["citizen_id"], one["through"]) for one in primary.followers] == [("citizen-0", NUMBERS[2])]
    assert said(primary, world, "unfollowed") == 0


async def test_who_merges_elsewhere_pays_first_what_the_last_merge_still_owes() -> None:
    world = await World().open()
    await world.take("merge", 0, 1)
    await world.settle()
    await world.take("separate", 0, 0)  # and nobody has told the other one yet
    await world.take("route", 0, 0)
    await world.take("merge", 0, 2)  # who does not pay first merges nothing
    assert (await world.get(0)).duplicate_of is None
    await world.take("merge_desk", 0, 2)
    await world.settle()
    assert [one["citizen_id"] for one in (await world.get(2)).followers] == ["citizen-0"]
    assert (await world.get(1)).followers == []


async def test_a_debt_that_somebody_else_pays_meanwhile_is_no_reason_to_merge_what_was_not_seen() -> None:
    world = await World().open()
    await world.take("merge", 0, 1)
    await world.take("separate", 0, 0)
    await world.take("route", 0, 0)
    seen = (await world.get(0)).rev
    await world.settle()
    with pytest.raises(PreconditionFailedError):
        await world.following.merge(OFFICER, NUMBERS[0], seen, Merge(into=NUMBERS[2], reason="The same."), "en")


async def test_who_takes_back_a_merged_request_hears_no_more_and_who_followed_it_does() -> None:
    world = await World().open()
    await world.take("watch", 0, 0)
    for place in (0, 2):
        await world.take("merge", place, 1)
        await world.settle()
    await world.take("withdraw", 0, 0)
    await world.settle()
    watcher = f"watcher of {NUMBERS[0]}"
    primary = await world.get(1)
    assert {one["citizen_id"]: one["through"] for one in primary.followers} == {watcher: None, "citizen-2": NUMBERS[2]}
    await world.take("withdraw", 1, 1)
    await world.settle()
    heir = await world.get(2)
    assert (str(heir.state), [one["citizen_id"] for one in heir.followers]) == ("verifying", [watcher])


async def test_nobody_is_dropped_for_a_moment_while_what_was_merged_with_them_moves_on() -> None:
    world = await World().open()
    for one, other in ((2, 0), (0, 1)):
        await world.take("merge", one, other)
        await world.settle()
    await world.take("withdraw", 0, 0)
    settlement = Settlement(
        cast(RequestStore, world.store),
        cast(Neighbours, Owing(world.store)),
        Succession(cast(RequestStore, world.store), cast(Neighbours, Owing(world.store))),
        KEYS,
    )
    assert not await settlement.pay(NUMBERS[0]), "what is merged into it has not moved yet"
    await world.settle()
    primary = await world.get(1)
    assert [(one["citizen_id"], one["through"]) for one in primary.followers] == [("citizen-2", NUMBERS[2])]
    assert (said(primary, world, "followed"), said(primary, world, "unfollowed")) == (2, 1)


async def test_who_followed_a_merged_request_of_an_erased_citizen_goes_on_hearing() -> None:
    world = await World().open()
    await world.take("watch", 0, 0)
    await world.take("merge", 0, 1)
    await world.settle()
    await world.take("erase", 0, 0)
    await world.settle()
    assert [one["citizen_id"] for one in (await world.get(1)).followers] == [f"watcher of {NUMBERS[0]}"]


async def test_a_ring_that_closes_after_everybody_was_told_is_opened() -> None:
    world = await World(citizens=1).open()
    one, other = await world.get(0), await world.get(1)
    following.merge(one, other.id, START, by="officer", words="sealed")
    await world.store.save_many([one])
    await world.following.finish()
    following.merge(other, one.id, START, by="officer-2", words="sealed")  # who has not seen the first merge
    await world.store.save_many([other])
    await world.settle()
    check(world, await world.all())


async def three_in_one() -> World:
    """The second, third and fourth were merged into the first, and somebody else follows that one."""
    world = await World().open()
    primary = await world.get(0)
    following.follow(primary, "a neighbour", START)
    await world.store.save_many([primary])
    for place in (3, 1, 2):
        await world.take("merge", place, 0)
    await world.settle()
    return world


async def test_the_oldest_takes_the_place_and_the_others_are_merged_into_it() -> None:
    world = await three_in_one()
    await world.take("withdraw", 0, 0)
    await world.settle()
    states = [str((await world.get(place)).state) for place in range(4)]
    assert states == ["withdrawn", "verifying", "duplicate", "duplicate"]
    heir, third = await world.get(1), await world.get(2)
    assert [one["citizen_id"] for one in heir.followers] == ["a neighbour", "citizen-2", "citizen-3"]
    assert (third.duplicate_of, (await world.get(0)).heir) == (heir.id, heir.id)
    assert (said(heir, world, "revived"), said(heir, world, "followed"), said(third, world, "merged")) == (1, 3, 2)


async def test_when_the_heir_is_taken_back_too_the_next_one_goes_on() -> None:
    world = await three_in_one()
    for place in range(3):
        await world.take("withdraw", place, 0)
        await world.settle()
    last = await world.get(3)
    assert (str(last.state), last.duplicate_of) == ("verifying", None)


async def test_what_was_done_leaves_the_merged_ones_where_they_are() -> None:
    world = await three_in_one()
    await world.take("resolve", 0, 0)
    await world.settle()
    assert [str((await world.get(place)).state) for place in range(1, 4)] == ["duplicate"] * 3


async def test_a_merged_one_that_is_taken_back_hands_its_own_on_to_where_it_had_gone() -> None:
    world = await World().open()
    await world.take("merge", 2, 1)
    await world.settle()
    await world.take("merge", 1, 0)
    await world.settle()
    await world.take("withdraw", 1, 0)
    await world.settle()
    moved = await world.get(2)
    assert (str(moved.state), moved.duplicate_of) == ("duplicate", NUMBERS[0])


async def test_what_is_merged_into_what_was_seen_to_already_goes_on_too() -> None:
    world = await World().open()
    await world.take("merge_unseen", 1, 0)
    await world.settle()
    assert str((await world.get(1)).state) == "verifying"


async def test_an_heir_that_went_its_own_way_before_it_was_revived_is_followed_by_the_next() -> None:
    world = await three_in_one()
    await world.take("withdraw", 0, 0)
    await world.dying_sweep(2, after=False)
    assert ((await world.get(0)).heir, str((await world.get(1)).state)) == (NUMBERS[1], "duplicate")
    await world.take("separate", 1, 0)
    await world.settle()
    assert [str((await world.get(place)).state) for place in (1, 2, 3)] == ["verifying", "verifying", "duplicate"]
    assert [step["action"] for step in (await world.get(1)).history][-1] == "separate"


async def test_an_erased_citizens_merged_request_is_nobodys_heir() -> None:
    world = await three_in_one()
    await world.take("erase", 1, 0)
    await world.take("erase", 0, 0)
    await world.settle()
    assert [str((await world.get(place)).state) for place in (2, 3)] == ["verifying", "duplicate"]


def test_every_way_that_a_life_ends_says_whether_something_is_passed_on() -> None:
    ends: dict[str, Any] = {}
    for edge in BY_ACTION.values():
        if edge.target in (State.CLOSED, State.WITHDRAWN):
            for outcome in (None, "granted"):
                request = a_request(state=next(iter(edge.sources)), outcome=outcome)
                request.take(edge.action, edge.who, START)
                ends[f"{edge.action} {outcome}"] = (request.passes_on, ended_undone(request))
    assert all(passes is undone for passes, undone in ends.values()), ends
    assert ends["withdraw granted"] == (True, True)
    assert ends["let_stand granted"] == (False, False)
