"""The gateway on a real broker: wake-ups reach its live streams, also after the broker closed its connection."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from deploy.local.ports import Ports
from gateway.app import build_app
from shared.bus import Message, Publisher, Topology
from shared.bus.topology import LIVE
from tests.unit.gateway.fake_services import FakeServices, settings_for
from tests.unit.gateway.serving import bearer, serving

PATIENCE = 60.0


@pytest.fixture
async def publisher(environment: dict[str, str]) -> AsyncIterator[Publisher]:
    """A publisher of wake-ups."""
    publisher = Publisher(environment["amqp_url"], "test", Topology())
    yield publisher
    await publisher.close()


@pytest.fixture
def services() -> FakeServices:
    """Fake services."""
    return FakeServices()


@dataclass(frozen=True)
class Running:
    """A gateway: its address, and that of its health and metrics."""

    url: str
    operators: str


@asynccontextmanager
async def running(environment: dict[str, str], services: FakeServices) -> AsyncIterator[Running]:
    """A ready gateway that without wake-ups would read only once an hour."""
    ports = Ports()
    port = ports.take()
    async with serving(services.app()) as behind:
        settings = settings_for(behind, amqp_url=environment["amqp_url"], stream_every=3600, operator_port=port)
        async with serving(build_app(settings), operators=port) as url:
            gateway = Running(url, f"http://127.0.0.1:{port}")
            await ready(gateway)
            yield gateway
    ports.release()


@pytest.fixture
async def gateway(environment: dict[str, str], services: FakeServices) -> AsyncIterator[Running]:
    """One gateway."""
    async with running(environment, services) as gateway:
        yield gateway


@pytest.fixture
def url(gateway: Running) -> str:
    """The address for clients."""
    return gateway.url


async def ready(gateway: Running) -> None:
    """Wait until the gateway is ready."""
    async with asyncio.timeout(PATIENCE), aiohttp.ClientSession() as http:
        while True:
            async with http.get(f"{gateway.operators}/health/ready") as answer:
                if answer.status == 200:
                    return


async def wake(publisher: Publisher, **body: Any) -> None:
    """Publish a wake-up, like the requests service."""
    text = json.dumps(body).encode()
    message = Message(LIVE, "", text, secrets.token_hex(8), persistent=False, mandatory=False)
    assert await publisher.publish([message]) == [True]


async def next_step(stream: aiohttp.ClientResponse) -> dict[str, Any]:
    """The next step in a stream."""
    async with asyncio.timeout(PATIENCE):
        async for line in stream.content:
            if line.startswith(b"data:"):
                step: dict[str, Any] = json.loads(line[5:])
                return step
    raise AssertionError("the stream ended")


async def begun(stream: aiohttp.ClientResponse) -> None:
    """Wait until the stream has sent its cursor."""
    assert stream.status == 200
    async with asyncio.timeout(PATIENCE):
        async for line in stream.content:
            if line.startswith(b"id:"):
                return


async def test_a_wake_up_reaches_the_streams_of_its_citizen(
    url: str, services: FakeServices, publisher: Publisher
) -> None:
    async with (
        aiohttp.ClientSession() as http,
        http.get(f"{url}/api/v1/events", headers=bearer()) as own,
        http.get(f"{url}/api/v1/track/RB-7F3K-9Q2M-X/events?mobile=1234") as tracked,
    ):
        await begun(own)
        await begun(tracked)
        services.happened("1")
        await wake(publisher, citizens=["citizen-1"], requests=["RB-7F3K-9Q2M-X"])
        assert (await next_step(own))["id"] == "1"
        assert (await next_step(tracked))["id"] == "1"


async def test_every_gateway_hears_of_it(
    url: str, environment: dict[str, str], services: FakeServices, publisher: Publisher
) -> None:
    async with (
        running(environment, services) as second,
        aiohttp.ClientSession() as http,
        http.get(f"{url}/api/v1/events", headers=bearer()) as one,
        http.get(f"{second.url}/api/v1/events", headers=bearer()) as other,
    ):
        await begun(one)
        await begun(other)
        services.happened("1")
        await wake(publisher, citizens=["citizen-1"])
        assert (await next_step(one))["id"] == (await next_step(other))["id"] == "1"


async def test_listening_goes_on_after_the_broker_cut_the_connection(
    gateway: Running, environment: dict[str, str], services: FakeServices, publisher: Publisher
) -> None:
    async with aiohttp.ClientSession() as http, http.get(f"{gateway.url}/api/v1/events", headers=bearer()) as stream:
        await begun(stream)
        await cut(environment["amqp_admin_url"], "gateway-live")
        await ready(gateway)
        services.happened("1")
        async with asyncio.timeout(PATIENCE):
            telling = asyncio.create_task(next_step(stream))
            while not telling.done():
                await wake(publisher, citizens=["citizen-1"])
                await asyncio.wait([telling], timeout=0.2)
        assert telling.result()["id"] == "1"


async def test_a_wake_up_that_is_no_json_does_no_harm(url: str, services: FakeServices, publisher: Publisher) -> None:
    async with aiohttp.ClientSession() as http, http.get(f"{url}/api/v1/events", headers=bearer()) as stream:
        await begun(stream)
        for text in (b"", b"{", b"[1]", b"\xff"):
            message = Message(LIVE, "", text, secrets.token_hex(8), persistent=False, mandatory=False)
            await publisher.publish([message])
        services.happened("1")
        await wake(publisher, citizens=["citizen-1"])
        assert (await next_step(stream))["id"] == "1"


async def cut(admin_url: str, name: str) -> None:
    """Let the broker close the connections of that name. Its API shows a new connection only after some seconds."""
    closed = False
    async with asyncio.timeout(PATIENCE), aiohttp.ClientSession() as http:
        while not closed:
            async with http.get(f"{admin_url}/api/connections") as answer:
                connections = await answer.json()
            for connection in connections:
                if connection.get("client_properties", {}).get("connection_name") == name:
                    async with http.delete(f"{admin_url}/api/connections/{connection['name']}") as answer:
                        closed = answer.status == 204
            await asyncio.sleep(0 if closed else 0.2)
