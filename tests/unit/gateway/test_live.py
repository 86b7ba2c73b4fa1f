"""Live streams send every update once and in order, only while the client may read it."""

import json
from typing import Any

import aiohttp
import pytest

from gateway.live.source import RecentUpdates
from gateway.live.watchers import Watchers, request_key
from shared.errors import InvalidError, UnavailableError
from tests.fakes import until
from tests.unit.gateway.fake_services import FakeServices, gateway_before
from tests.unit.gateway.serving import bearer
from tests.unit.gateway.streaming import NUMBER, Client, live, officer, somebody


async def test_new_stream_starts_now_and_sends_its_cursor() -> None:
    async with live() as here:
        here.services.happened("1")
        there = Client()
        await here.opened(there, somebody())
        assert there.status == 200
        assert there.text == "retry: 2000\n\nid: 1\n\n"


async def test_wake_up_sends_updates_at_once() -> None:
    async with live() as here:
        there = Client()
        await here.opened(there, somebody())
        here.services.happened("1")
        here.services.happened("2")
        here.watchers.wake({"citizens": ["citizen-1"], "requests": []})
        await until(lambda: there.ids() == ["1", "2"])
        block = next(block for block in there.text.split("\n\n") if block.startswith("id: 2"))
        assert json.loads(block.partition("data: ")[2])["state"] == "routed"


async def test_wake_up_for_another_citizen_is_ignored() -> None:
    async with live() as here:
        there, other = Client(), Client()
        await here.opened(there, somebody())
        await here.opened(other, somebody("citizen-2"))
        here.watchers.wake({"citizens": ["citizen-2"]})
        await until(lambda: len(here.services.reads) == 3)
        assert there.text == "retry: 2000\n\nid: now\n\n"


async def test_lost_wake_up_loses_no_step() -> None:
    async with live(every=0.05) as here:
        there = Client()
        await here.opened(there, somebody())
        here.services.happened("1")
        await until(lambda: there.ids() == ["1"])


async def test_quiet_stream_sends_comments() -> None:
    async with live(every=0.05) as here:
        there = Client()
        await here.opened(there, somebody())
        await until(lambda: there.text.count("\n:\n") >= 2)


@pytest.mark.parametrize("how", ["header", "query"])
async def test_reconnecting_client_gets_every_step_once(how: str) -> None:
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


async def test_many_updates_are_sent_without_waiting() -> None:
    async with live() as here:
        for number in range(250):
            here.services.happened(f"{number:03d}")
        there = Client(query="last_event_id=000")
        await here.opened(there, somebody())
        await until(lambda: len(there.ids()) == 249)
        assert there.ids() == sorted(set(there.ids()))


async def test_malformed_last_event_id_is_ignored() -> None:
    async with live() as here:
        there = Client()
        await here.opened(there, somebody(), {"Last-Event-ID": "a\x01b"})
        assert here.services.reads == [""]


async def test_expired_token_ends_the_stream() -> None:
    async with live() as here:
        there = Client()
        task = await here.opened(there, somebody(expires=0.0))
        await task
        assert there.text.endswith("event: expired\ndata: {}\n\n")
        assert there.ended


@pytest.mark.parametrize("status", [401, 403, 404])
async def test_refusal_of_the_service_ends_the_stream(status: int) -> None:
    async with live() as here:
        there = Client()
        task = await here.opened(there, somebody())
        here.services.status = status
        here.watchers.wake({"citizens": ["citizen-1"]})
        await task
        assert "event: expired" in there.text


async def test_ended_session_ends_a_quiet_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.live.streams.SESSION_CHECK_SECONDS", 0.05)
    async with live() as here:
        there, other = Client(), Client()
        task = await here.opened(there, somebody(), {"Authorization": "Bearer ended"})
        kept = await here.opened(other, somebody(), {"Authorization": "Bearer going on"})
        here.ended_sessions.add("Bearer ended")
        await task
        assert "event: expired" in there.text
        assert not kept.done()


async def test_failed_read_is_repeated_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.live.streams.RETRY_SECONDS", 0.05)
    async with live() as here:
        there = Client()
        await here.opened(there, somebody())
        here.services.status = 503
        here.services.happened("1")
        here.watchers.wake({"citizens": ["citizen-1"]})
        await until(lambda: ": waiting" in there.text)
        here.services.status = 200
        await until(lambda: there.ids() == ["1"])


async def test_refused_stream_gets_the_response_of_the_service() -> None:
    async with live() as here:
        here.services.status = 404
        there = Client("/api/v1/track/RB-1/events", "mobile=0000")
        await (await here.opened(there, "10.0.0.1"))
        assert there.status == 404
        assert there.ended


async def test_tracking_accepts_every_spelling_of_the_number() -> None:
    async with live() as here:
        there = Client("/api/v1/track/rbuzlyssdqo/events", "mobile=1234")
        await here.opened(there, "10.0.0.1", {"X-Client-Address": "10.0.0.1"})
        asked = here.services.seen[-1]
        assert asked.headers["x-client-address"] == "10.0.0.1"
        assert asked.url.path == "/api/v1/track/rbuzlyssdqo/updates"
        assert asked.query_params["mobile"] == "1234"
        here.services.happened("1")
        here.watchers.wake({"requests": [NUMBER]})
        await until(lambda: there.ids() == ["1"])


@pytest.mark.parametrize("query", ["mobile=1234&changed_since=1", "mobile=1234&changed_since"])
async def test_unknown_parameter_is_refused(query: str) -> None:
    async with live() as here:
        with pytest.raises(InvalidError) as refused:
            await (await here.opened(Client(f"/api/v1/track/{NUMBER}/events", query), "10.0.0.1"))
        assert [error["pointer"] for error in refused.value.errors] == ["/changed_since"]


async def test_signed_in_client_can_track() -> None:
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


async def test_stream_of_a_department_reads_routing() -> None:
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


async def test_service_gets_the_token_and_no_if_none_match() -> None:
    async with live() as here:
        there = Client()
        headers = {"Authorization": "Bearer x", "Accept-Language": "ur", "If-None-Match": '"1"', "Last-Event-ID": "9"}
        await here.opened(there, somebody(), headers)
        asked = here.services.seen[-1].headers
        assert asked["authorization"] == "Bearer x"
        assert asked["accept-language"] == "ur"
        assert "if-none-match" not in asked


async def test_disconnected_client_is_not_watched() -> None:
    async with live() as here:
        there = Client()
        task = await here.opened(there, somebody())
        there.left.set()
        await task
        assert not here.watchers._by_key
        assert not there.ended


async def test_streams_end_with_the_process() -> None:
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
def test_malformed_wake_up_is_ignored(body: dict[str, Any]) -> None:
    with Watchers().watching("citizen x"):
        Watchers().wake(body)


def test_sent_ids_are_forgotten_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("gateway.live.source.time.monotonic", lambda: now)
    told = RecentUpdates()
    for second in range(200):
        now = 100.0 + second
        told.new([{"id": str(second)}])
    assert len(told._ids) <= 62


def test_every_spelling_of_a_number_has_one_key() -> None:
    assert request_key("RB-VZ1Y-SSDQ-0") == request_key("rb vz1y ssdq 0") == request_key("RBUZLYSSDQO")
    assert request_key("no number") != request_key("no other")


async def test_stream_over_http_with_a_token() -> None:
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
