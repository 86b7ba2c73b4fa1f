"""Live streams: told in order, once, from where the client left off, to clients that may hear it, and no longer."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from starlette.types import Message, Scope

from gateway.live import LiveStreams, Watchers
from gateway.live.source import Of, Told
from gateway.live.streams import TAKEN
from gateway.live.watchers import request_key
from gateway.proxy import Proxy, client
from gateway.settings import GatewaySettings
from shared.auth import Principal
from shared.errors import InvalidError, TooManyRequestsError, UnauthenticatedError, UnavailableError, words
from shared.rights import Role
from tests.fakes import until
from tests.unit.gateway.fake_services import FakeServices, gateway_before
from tests.unit.gateway.serving import bearer, serving

FAR = 4_000_000_000.0
NUMBER = "RB-7F3K-9Q2M-X"
SETTINGS = GatewaySettings.model_fields
MOST: dict[Of, int] = {
    "account": SETTINGS["streams_per_account"].default,
    "request": SETTINGS["streams_per_request"].default,
    "network": SETTINGS["streams_per_address"].default,
}


class Client:
    """One who holds a stream open, on the ASGI side."""

    def __init__(self, path: str = "/api/v1/events", query: str = "") -> None:
        self.scope: Scope = {
            "type": "http",
            "path": path,
            "query_string": query.encode(),
            "client": ("10.0.0.1", 1),
            "headers": [],
        }
        self.text = ""
        self.status = 0
        self.ended = False
        self.left = asyncio.Event()

    async def receive(self) -> Message:
        """The client says nothing until it leaves."""
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Take in a part of the answer."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
        else:
            self.text += message["body"].decode()
            self.ended = not message.get("more_body", False)

    def ids(self) -> list[str]:
        """The ids of the steps that were told."""
        return [block.split("\n")[0][4:] for block in self.text.split("\n\n") if "\nevent: request" in block]


def somebody(citizen: str = "citizen-1", expires: float = FAR) -> Principal:
    """A citizen who is signed in."""
    return Principal(citizen, Role.CITIZEN, None, "session-1", expires)


def officer(department: str = "works") -> Principal:
    """An officer who is signed in."""
    return Principal(f"officer of {department}", Role.OFFICER, department, "session-2", FAR)


class Live:
    """Streams before services that a test plays."""

    def __init__(self, services: FakeServices, proxy: Proxy, **limits: Any) -> None:
        self.services = services
        self.watchers = Watchers()
        most = {of: limits.pop(of, usual) for of, usual in MOST.items()}
        given = {"every": 30.0, "most": most, "in_all": 1000, **limits}
        self.ended_sessions: set[str | None] = set()
        self.streams = LiveStreams(proxy, self.watchers, self.admit, **given)
        self.tasks: list[asyncio.Task[None]] = []

    async def admit(self, authorization: str | None) -> None:
        """Refuse who is signed out."""
        if authorization in self.ended_sessions:
            raise UnauthenticatedError

    async def opened(
        self, there: Client, who: Principal | str, headers: dict[str, str] | None = None
    ) -> asyncio.Task[None]:
        """Open a stream and wait until it has begun."""
        stream = self.streams.serve(there.scope, there.receive, there.send, headers or {}, who)
        task = asyncio.create_task(stream)
        self.tasks.append(task)
        await until(lambda: bool(there.text) or task.done())
        return task


@asynccontextmanager
async def live(**limits: Any) -> AsyncIterator[Live]:
    """Streams whose next look, when nobody wakes them, is far away."""
    services = FakeServices()
    async with serving(services.app()) as url, client() as http:
        opened = Live(services, Proxy(http, {"requests": [url], "routing": [url]}), **limits)
        yield opened
        for task in opened.tasks:
            task.cancel()
        await asyncio.gather(*opened.tasks, return_exceptions=True)


async def test_a_new_stream_starts_now_and_says_from_where_to_go_on() -> None:
    async with live() as here:
        here.services.happened("1")
        there = Client()
        await here.opened(there, somebody())
        assert there.status == 200
        assert there.text == "retry: 2000\n\nid: 1\n\n"


async def test_a_wake_up_brings_what_has_happened_at_once() -> None:
    async with live() as here:
        there = Client()
        await here.opened(there, somebody())
        here.services.happened("1")
        here.services.happened("2")
        here.watchers.wake({"citizens": ["citizen-1"], "requests": []})
        await until(lambda: there.ids() == ["1", "2"])
        block = next(block for block in there.text.split("\n\n") if block.startswith("id: 2"))
        assert json.loads(block.partition("data: ")[2])["state"] == "routed"


async def test_somebody_elses_wake_up_wakes_nobody() -> None:
    async with live() as here:
        there, other = Client(), Client()
        await here.opened(there, somebody())
        await here.opened(other, somebody("citizen-2"))
        here.watchers.wake({"citizens": ["citizen-2"]})
        await until(lambda: len(here.services.reads) == 3)
        assert there.text == "retry: 2000\n\nid: now\n\n"


async def test_a_lost_wake_up_costs_a_moment_and_no_step() -> None:
    async with live(every=0.05) as here:
        there = Client()
        await here.opened(there, somebody())
        here.services.happened("1")
        await until(lambda: there.ids() == ["1"])


async def test_a_quiet_stream_is_kept_open_by_comments() -> None:
    async with live(every=0.05) as here:
        there = Client()
        await here.opened(there, somebody())
        await until(lambda: there.text.count("\n:\n") >= 2)


@pytest.mark.parametrize("how", ["header", "query"])
async def test_a_client_that_comes_back_misses_nothing_and_hears_nothing_twice(how: str) -> None:
    async with live() as here:
        for name in ("1", "2", "3"):
            here.services.happened(name)
        there = Client(query="last_event_id=1" if how == "query" else "")
        await here.opened(there, somebody(), {"Last-Event-ID": "1"} if how == "header" else {})
        assert here.services.reads == ["1"]
        assert there.ids() == ["2", "3"]
        here.services.happened("4")
        here.watchers.wake({"citizens": ["citizen-1"]})
        await until(lambda: there.ids() == ["2", "3", "4"])
        here.watchers.wake({"citizens": ["citizen-1"]})
        await until(lambda: len(here.services.reads) == 3)
        assert there.ids() == ["2", "3", "4"]


async def test_more_than_one_read_can_hold_comes_without_waiting() -> None:
    async with live() as here:
        for number in range(250):
            here.services.happened(f"{number:03d}")
        there = Client(query="last_event_id=000")
        await here.opened(there, somebody())
        await until(lambda: len(there.ids()) == 249)
        assert there.ids() == sorted(set(there.ids()))


async def test_a_strange_last_event_id_is_as_good_as_none() -> None:
    async with live() as here:
        there = Client()
        await here.opened(there, somebody(), {"Last-Event-ID": "a\x01b"})
        assert here.services.reads == [""]


async def test_a_token_that_ends_ends_the_stream() -> None:
    async with live() as here:
        there = Client()
        task = await here.opened(there, somebody(expires=0.0))
        await task
        assert there.text.endswith("event: expired\ndata: {}\n\n")
        assert there.ended


@pytest.mark.parametrize("status", [401, 403, 404])
async def test_who_the_service_refuses_hears_no_more(status: int) -> None:
    async with live() as here:
        there = Client()
        task = await here.opened(there, somebody())
        here.services.status = status
        here.watchers.wake({"citizens": ["citizen-1"]})
        await task
        assert "event: expired" in there.text


async def test_a_session_that_is_ended_ends_a_stream_that_nothing_wakes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.live.streams.ADMITTED_SECONDS", 0.05)
    async with live() as here:
        there, other = Client(), Client()
        task = await here.opened(there, somebody(), {"Authorization": "Bearer ended"})
        kept = await here.opened(other, somebody(), {"Authorization": "Bearer going on"})
        here.ended_sessions.add("Bearer ended")
        await task
        assert "event: expired" in there.text
        assert not kept.done()


async def test_a_service_that_stumbles_is_asked_again_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.live.streams.AGAIN_SECONDS", 0.05)
    async with live() as here:
        there = Client()
        await here.opened(there, somebody())
        here.services.status = 503
        here.services.happened("1")
        here.watchers.wake({"citizens": ["citizen-1"]})
        await until(lambda: ": waiting" in there.text)
        here.services.status = 200
        await until(lambda: there.ids() == ["1"])


async def test_who_may_not_hear_it_gets_the_services_answer_instead_of_a_stream() -> None:
    async with live() as here:
        here.services.status = 404
        there = Client("/api/v1/track/RB-1/events", "mobile=0000")
        await (await here.opened(there, "10.0.0.1"))
        assert there.status == 404
        assert there.ended


async def test_tracking_goes_by_number_however_it_was_typed() -> None:
    async with live() as here:
        there = Client("/api/v1/track/rb7f3k9q2mx/events", "mobile=1234")
        await here.opened(there, "10.0.0.1", {"X-Client-Address": "10.0.0.1"})
        asked = here.services.seen[-1]
        assert asked.headers["x-client-address"] == "10.0.0.1"
        assert asked.url.path == "/api/v1/track/rb7f3k9q2mx/updates"
        assert asked.query_params["mobile"] == "1234"
        here.services.happened("1")
        here.watchers.wake({"requests": [NUMBER]})
        await until(lambda: there.ids() == ["1"])


@pytest.mark.parametrize("query", ["mobile=1234&changed_since=1", "mobile=1234&changed_since"])
async def test_a_parameter_that_nobody_reads_is_refused(query: str) -> None:
    async with live() as here:
        with pytest.raises(InvalidError) as refused:
            await (await here.opened(Client(f"/api/v1/track/{NUMBER}/events", query), "10.0.0.1"))
        assert [error["pointer"] for error in refused.value.errors] == ["/changed_since"]


async def test_who_is_signed_in_tracks_as_everybody_does() -> None:
    async with live() as here:
        there = Client(f"/api/v1/track/{NUMBER}/events", "mobile=1234")
        await here.opened(there, somebody(expires=0.0), {"Authorization": "Bearer x"})
        asked = here.services.seen[-1]
        assert (asked.url.path, asked.query_params["mobile"]) == (f"/api/v1/track/{NUMBER}/updates", "1234")
        assert "authorization" not in asked.headers
        here.services.happened("1")
        here.watchers.wake({"requests": [NUMBER]})
        await until(lambda: there.ids() == ["1"])
        assert not there.ended


async def test_a_departments_stream_is_told_by_routing_and_woken_for_its_department_alone() -> None:
    async with live() as here:
        there, elsewhere = Client("/api/v1/assignments/events"), Client("/api/v1/assignments/events")
        await here.opened(there, officer(), {"Authorization": "Bearer x"})
        await here.opened(elsewhere, officer("water"))
        asked = here.services.seen[0]
        assert (asked.url.path, asked.headers["authorization"]) == ("/api/v1/assignments/updates", "Bearer x")
        here.services.happened("1")
        here.watchers.wake({"departments": ["works"]})
        await until(lambda: "event: assignment" in there.text)
        assert there.text.count("data: ") == 1
        assert len(here.services.reads) == 3


async def test_the_service_sees_the_clients_own_token_and_no_condition() -> None:
    async with live() as here:
        there = Client()
        headers = {"Authorization": "Bearer x", "Accept-Language": "ur", "If-None-Match": '"1"', "Last-Event-ID": "9"}
        await here.opened(there, somebody(), headers)
        asked = here.services.seen[-1].headers
        assert asked["authorization"] == "Bearer x"
        assert asked["accept-language"] == "ur"
        assert "if-none-match" not in asked


async def test_places_are_limited_and_given_back() -> None:
    async with live(account=2, in_all=3) as here:
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
    """Somebody who tracks a request without an account."""
    return Client(path=f"/api/v1/track/{number}/events", query="mobile=4567")


async def test_a_service_centre_follows_its_requests_from_one_address() -> None:
    async with live() as here:
        people = [tracker(f"RB-0000-{n:04d}-0") for n in range(60)]
        for there in people:
            await here.opened(there, "the service centre")
        assert {there.status for there in people} == {200}


def test_who_finds_no_place_is_told_whose_are_taken() -> None:
    assert MOST.keys() == TAKEN.keys()
    assert {*TAKEN.values()} <= words().keys()


async def test_one_request_and_one_address_have_their_share_of_places() -> None:
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


async def test_who_leaves_is_not_watched_any_more() -> None:
    async with live() as here:
        there = Client()
        task = await here.opened(there, somebody())
        there.left.set()
        await task
        assert not here.watchers._by_key
        assert not there.ended


async def test_streams_end_when_the_process_ends() -> None:
    async with live() as here:
        there = Client()
        task = await here.opened(there, somebody())
        here.streams.end()
        await task
        assert there.ended
        assert "expired" not in there.text
        with pytest.raises(UnavailableError):
            await (await here.opened(Client(), somebody()))


@pytest.mark.parametrize("body", [{}, {"citizens": None, "requests": 7}, {"citizens": [1], "requests": [None]}])
def test_a_strange_wake_up_does_no_harm(body: dict[str, Any]) -> None:
    with Watchers().watching("citizen x"):
        Watchers().wake(body)


def test_repeats_are_forgotten_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("gateway.live.source.time.monotonic", lambda: now)
    told = Told()
    for second in range(200):
        now = 100.0 + second
        told.new([{"id": str(second)}])
    assert len(told._ids) <= 62


def test_one_spelling_of_a_number() -> None:
    assert request_key("rb-7f3k-9q2m-x") == request_key("RB7F3K9Q2MX")
    assert request_key("RB-OIL1") == request_key("rb-0111")


async def test_over_http_with_a_token() -> None:
    services = FakeServices()
    async with gateway_before(services, stream_every=0.05) as url, aiohttp.ClientSession() as http:
        async with http.get(f"{url}/api/v1/events") as answer:
            assert answer.status == 401
        async with http.get(f"{url}/api/v1/events", headers=bearer()) as answer:
            assert answer.status == 200
            assert answer.content_type == "text/event-stream"
            assert answer.headers["X-Accel-Buffering"] == "no"
            assert answer.headers["Cache-Control"] == "no-store"
            assert await answer.content.readuntil(b"\n\n") == b"retry: 2000\n\n"
            services.happened("1")
            async for line in answer.content:
                if line.startswith(b"data"):
                    break
            assert json.loads(line[5:])["id"] == "1"
