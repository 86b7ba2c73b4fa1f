"""Rules of following and merging: no event twice, and separating undoes a merge."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.requests.catalogue.service.catalogue import Catalogue
from services.requests.duplicates import models as following
from services.requests.duplicates.service.following import Following, Merge, Separation
from services.requests.duplicates.store import DuplicateStore
from services.requests.life.models import anonymise
from services.requests.request.models.lifecycle import ActorKind, State
from services.requests.request.models.request import Request
from services.requests.request.service import views
from services.requests.request.store.requests import RequestStore
from shared.auth import Principal
from shared.errors import ConflictError
from shared.seal import SealPurpose
from shared.transitions import TransitionRefusedError
from tests.builders import KEYS, a_request
from tests.fakes import START, MemoryStore
from tests.unit.requests.merges import MergedInMemory

PRIMARY, OTHER = "RB-0000-0000-0", "RB-1111-1111-1"


def event_types(request: Request) -> list[str]:
    """The request's events about followers: types without subject and version."""
    return [envelope.type.split(".")[1] for envelope in request.emitted]


def two() -> tuple[Request, Request]:
    """A request at a department, and a duplicate."""
    primary = a_request(PRIMARY, citizen_id="first", state=State.IN_PROGRESS, department="works")
    other = a_request(OTHER, citizen_id="second", state=State.ROUTED, department="works")
    return primary, other


def test_following_twice_publishes_once() -> None:
    primary, _ = two()
    assert following.follow(primary, "third", START)
    assert not following.follow(primary, "third", START)
    assert event_types(primary) == ["followed"]


def test_nobody_follows_what_is_their_own() -> None:
    primary, _ = two()
    assert not following.follow(primary, "first", START)
    assert primary.followers == []


def test_merged_citizen_sees_the_primary_and_possible_actions() -> None:
    primary, other = two()
    other.sealed_answers = KEYS.seal("{}", SealPurpose.REQUEST_ANSWERS, owner=OTHER)
    following.merge(
        other, primary, START, by="officer", words=KEYS.seal("Same.", SealPurpose.REQUEST_NOTE, owner=OTHER)
    )
    shown = views.own_detail(other, KEYS, "en", primary=primary)
    assert (shown["merged_into"], shown["may_attach"]) == (PRIMARY, True)
    assert shown["actions"] == ["answer", "withdraw", "separate"]
    assert (shown["history"][-1]["into"], views.tracking(other, "en")["merged_into"]) == (PRIMARY, PRIMARY)
    primary.state = State.CLOSED
    shown = views.own_detail(other, KEYS, "en", primary=primary)
    assert (shown["may_attach"], shown["actions"]) == (False, ["withdraw", "separate"])


def test_unfollowing_what_is_not_followed_says_nothing() -> None:
    primary, _ = two()
    assert not following.unfollow(primary, "third", START)
    assert event_types(primary) == []


def test_number_of_followers_is_limited() -> None:
    primary, _ = two()
    primary.followers = [{"citizen_id": str(n)} for n in range(following.MAX_FOLLOWERS)]
    with pytest.raises(ConflictError, match="too-many-followers"):
        following.follow(primary, "one more", START)


def full(count: int) -> list[dict[str, Any]]:
    """That many followers."""
    return [{"citizen_id": f"follower-{n}", "since": START, "through": None} for n in range(count)]


async def test_merge_over_the_follower_limit_is_refused() -> None:
    store = MemoryStore(Request)
    primary, other = two()
    primary.followers = full(following.MAX_FOLLOWERS)
    await store.insert_many([primary, other])
    desk = Following(
        cast(RequestStore, store), cast(DuplicateStore, MergedInMemory(store)), cast(Catalogue, None), KEYS
    )
    officer = cast(Principal, SimpleNamespace(id="officer-1", department="works"))
    with pytest.raises(ConflictError, match="too-many-followers"):
        await desk.merge(officer, OTHER, 1, Merge(into=PRIMARY, reason="The same lamp."), "en")
    assert store.documents[OTHER]["state"] == State.ROUTED


def test_a_merge_moves_the_citizen_and_all_followers() -> None:
    primary, other = two()
    following.follow(other, "third", START)
    following.merge(other, primary, START, by="officer-1", words="sealed")
    assert (other.state, other.duplicate_of) == (State.DUPLICATE, PRIMARY)
    assert [one["citizen_id"] for one in primary.followers] == ["second", "third"]


@pytest.mark.parametrize("state", [State.SUBMITTED, State.INFORMATION_NEEDED, State.RESOLVED, State.CLOSED])
def test_only_what_is_at_a_department_is_merged(state: State) -> None:
    primary, other = two()
    other.state = state
    with pytest.raises(TransitionRefusedError):
        following.merge(other, primary, START, by="officer-1", words="sealed")


@given(st.lists(st.tuples(st.sampled_from(["follow", "unfollow"]), st.sampled_from("abcd")), max_size=30))
def test_events_determine_the_followers(steps: list[tuple[str, str]]) -> None:
    primary, _ = two()
    for step, citizen in steps:
        getattr(following, step)(primary, citizen, START)
    told: set[str] = set()
    for envelope in primary.emitted:
        citizen = envelope.data.decode().split('"')[3]
        (told.add if "followed.v1" in envelope.type and "un" not in envelope.type else told.discard)(citizen)
    assert told == {one["citizen_id"] for one in primary.followers}


@pytest.mark.parametrize(
    "fields",
    [
        {"disputed": True, "state": State.REOPENED},
        {"appeal_of": PRIMARY, "kind": "appeal"},
        {"confidential": True, "sealed_citizen": "confidential:x"},
        {"citizen_id": "anonymous:1"},
    ],
)
def test_appeals_and_confidential_requests_are_not_merged(fields: dict[str, Any]) -> None:
    primary, other = two()
    for name, value in fields.items():
        setattr(other, name, value)
    with pytest.raises(ConflictError, match="merge-refused"):
        following.merge(other, primary, START, by="officer-1", words="sealed")
    assert (other.duplicate_of, other.emitted, other.history, primary.followers) == (None, [], [], [])


def test_a_merged_request_that_waited_has_no_clock_and_gets_one_when_it_waits_again() -> None:
    primary, other = two()
    other.take("question", ActorKind.DEPARTMENT, START, by="officer-1")
    assert other.clock == "remind"
    following.merge(other, primary, START, by="officer-1", words="sealed")
    assert [other.clock, other.clock_at, other.waits_until] == [None] * 3
    following.separate(other, primary, ActorKind.OFFICER, START, by="officer-1", words="sealed")
    assert other.clock is None
    other.take("route", ActorKind.ROUTING, START)
    other.take("question", ActorKind.DEPARTMENT, START, by="officer-1")
    assert other.clock == "remind"


def test_anonymised_request_is_not_anonymised_again() -> None:
    primary, other = two()
    following.merge(other, primary, START, by="officer-1", words="sealed")
    anonymise(other, "retention")
    with pytest.raises(TransitionRefusedError):
        following.separate(other, primary, ActorKind.OFFICER, START, by="officer-1", words="sealed")


async def test_a_citizen_separates_though_something_else_was_written_in_between() -> None:
    store = MemoryStore(Request)
    primary, other = two()
    following.merge(other, primary, START, by="officer-1", words="sealed")
    await store.insert_many([primary, other])

    def routing_is_faster() -> None:
        store.before = lambda: None
        store.documents[OTHER]["rev"] += 1

    store.before = routing_is_faster
    acts = Following(
        cast(RequestStore, store), cast(DuplicateStore, MergedInMemory(store)), cast(Catalogue, None), KEYS
    )
    separated = await acts.separate("second", OTHER, Separation(reason="Another lamp."))
    assert (separated.state, separated.duplicate_of) == (State.VERIFYING, None)
    assert [step["action"] for step in separated.history] == ["mark_duplicate", "separate"]
