"""The number of live streams is limited for each account, request and network, and in total."""

import pytest

from gateway.live.streams import LIMIT_PROBLEMS
from shared.errors import TooManyRequestsError, UnavailableError, words
from tests.fakes import until
from tests.unit.gateway.streaming import MAX_OPEN, Client, live, somebody


async def test_open_streams_are_limited() -> None:
    async with live(account=2, max_total=3) as here:
        first = Client()
        await here.opened(first, somebody())
        await here.opened(Client(), somebody())
        with pytest.raises(TooManyRequestsError) as refused:
            await (await here.opened(Client(), somebody()))
        assert (refused.value.problem_code, refused.value.params["most"]) == ("account-streams", 2)
        await here.opened(Client(), somebody("citizen-2"))
        with pytest.raises(UnavailableError):
            await (await here.opened(Client(), somebody("citizen-3")))
        first.left.set()
        await until(here.tasks[0].done)
        await here.opened(Client(), somebody())


def tracker(number: str) -> Client:
    """A client that tracks a request without an account."""
    return Client(path=f"/api/v1/track/{number}/events", query="mobile=4567")


async def test_one_address_can_follow_many_requests() -> None:
    async with live() as here:
        people = [tracker(f"RB-0000-{n:04d}-0") for n in range(60)]
        for there in people:
            await here.opened(there, "the service centre")
        assert {there.status for there in people} == {200}


def test_problem_names_the_limit_that_was_reached() -> None:
    assert MAX_OPEN.keys() == LIMIT_PROBLEMS.keys()
    assert {*LIMIT_PROBLEMS.values()} <= words().keys()


async def test_streams_are_limited_by_request_and_address() -> None:
    async with live(request=2, network=4) as here:
        for _ in range(2):
            await here.opened(tracker("RB-0000-0000-0"), "one place")
        with pytest.raises(TooManyRequestsError) as refused:
            await (await here.opened(tracker("rb-OOOO-oooo-0"), "another place"))
        assert refused.value.problem_code == "request-streams"
        for _ in range(2):
            await here.opened(tracker("RB-0000-0001-0"), "one place")
        with pytest.raises(TooManyRequestsError) as refused:
            await (await here.opened(tracker("RB-0000-0002-0"), "one place"))
        assert (refused.value.problem_code, refused.value.headers["Retry-After"]) == ("network-streams", "5")
        await here.opened(tracker("RB-0000-0002-0"), "another place")
