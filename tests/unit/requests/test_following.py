"""Followers and merges as rules: nothing is said twice, and what a merge gave its undoing takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.requests.models import following
from services.requests.models.lifecycle import State, Who
from services.requests.models.request import Request, TransitionRefusedError
from tests.builders import a_request
from tests.fakes import START

PRIMARY, OTHER = "RB-0000-0000-0", "RB-1111-1111-1"


def said(request: Request) -> list[str]:
    """What the request says of its followers: types without subject and version."""
    return [envelope.type.split(".")[1] for envelope in request.emitted]


def two() -> tuple[Request, Request]:
    """A request at a department, and another one about the same thing."""
    primary = a_request(PRIMARY, citizen_id="first", state=State.IN_PROGRESS, department="works")
    other = a_request(OTHER, citizen_id="second", state=State.ROUTED, department="works")
    return primary, other


def test_following_twice_is_said_once() -> None:
    primary, _ = two()
    assert following.follow(primary, "third", START)
    assert not following.follow(primary, "third", START)
    assert said(primary) == ["followed"]


def test_nobody_follows_what_is_their_own() -> None:
    primary, _ = two()
    assert not following.follow(primary, "first", START)
    assert primary.followers == []


def test_unfollowing_what_is_not_followed_says_nothing() -> None:
    primary, _ = two()
    assert not following.unfollow(primary, "third", START)
    assert said(primary) == []


def test_there_is_an_end_to_followers() -> None:
    primary, _ = two()
    primary.followers = [{"citizen_id": str(n)} for n in range(following.MOST_FOLLOWERS)]
    with pytest.raises(following.TooManyFollowersError):
        following.follow(primary, "one more", START)


def test_a_merge_moves_the_citizen_and_all_followers() -> None:
    primary, other = two()
    following.follow(other, "third", START)
    following.merge(other, PRIMARY, START, by="officer-1", words="sealed")
    assert (other.state, other.owes) == (State.DUPLICATE, PRIMARY)
    assert following.settle(other, primary, START)
    assert [one["citizen_id"] for one in primary.followers] == ["second", "third"]
    assert not following.settle(other, primary, START), "a second time there is nothing to do"


def test_a_follower_of_both_stays_when_they_are_taken_apart() -> None:
    primary, other = two()
    following.follow(primary, "third", START)
    following.follow(other, "third", START)
    following.merge(other, PRIMARY, START, by="officer-1", words="sealed")
    following.settle(other, primary, START)
    following.separate(other, Who.CITIZEN, START, by="second", words="sealed")
    assert following.settle(other, primary, START)
    assert [one["citizen_id"] for one in primary.followers] == ["third"]
    assert (other.state, other.duplicate_of, other.owes) == (State.VERIFYING, None, PRIMARY)


@pytest.mark.parametrize("state", [State.SUBMITTED, State.INFORMATION_NEEDED, State.RESOLVED, State.CLOSED])
def test_only_what_is_at_a_department_is_merged(state: State) -> None:
    _, other = two()
    other.state = state
    with pytest.raises(TransitionRefusedError):
        following.merge(other, PRIMARY, START, by="officer-1", words="sealed")


@given(st.lists(st.tuples(st.sampled_from(["follow", "unfollow"]), st.sampled_from("abcd")), max_size=30))
def test_events_tell_exactly_who_follows(steps: list[tuple[str, str]]) -> None:
    primary, _ = two()
    for step, citizen in steps:
        getattr(following, step)(primary, citizen, START)
    told: set[str] = set()
    for envelope in primary.emitted:
        citizen = envelope.data.decode().split('"')[3]
        (told.add if "followed.v1" in envelope.type and "un" not in envelope.type else told.discard)(citizen)
    assert told == {one["citizen_id"] for one in primary.followers}
