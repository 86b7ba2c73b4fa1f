"""Sending to webhooks: the connection goes to the address that was checked, and nowhere else."""

import socket
from contextlib import suppress
from datetime import timedelta
from typing import Any, cast

import aiohttp
import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from services.routing.directory import Directory
from services.routing.feed.models import FeedEntry, FeedMessage
from services.routing.subscriptions.addresses import InsideAddressError, checked_socket
from services.routing.subscriptions.messages import new_secret
from services.routing.subscriptions.models.sending import RetryRule
from services.routing.subscriptions.models.subscription import Secret, Subscription
from services.routing.subscriptions.sending import MAX_READ, WebhookSender, fault_of, retry_after_of
from shared.seal import SealPurpose
from tests.builders import KEYS, NUMBER
from tests.cases import cases
from tests.fakes import START, FakeClock


class Resolver(AbstractResolver):
    """Resolves every name to one address, like a name server of somebody who attacks."""

    def __init__(self, address: str) -> None:
        self._address = address

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """That address."""
        return [
            ResolveResult(
                hostname=host,
                host=self._address,
                port=port,
                family=socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
        ]

    async def close(self) -> None:
        """Nothing to close."""


async def called(url: str, *, trial: bool, resolver: AbstractResolver | None = None) -> tuple[int, str]:
    """The status of a call, or 0 with the kind of fault."""
    connector = aiohttp.TCPConnector(socket_factory=checked_socket(trial=trial), resolver=resolver)
    async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=10)) as http:
        try:
            async with http.post(url, allow_redirects=False) as answer:
                return answer.status, ""
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            return 0, fault_of(error)


@pytest.fixture
async def port() -> Any:
    """The port of a server on loopback that answers 204, and at other paths as no receiver should."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=204)

    async def packed(_: web.Request) -> web.Response:
        return web.Response(body=b"not packed at all", headers={"Content-Encoding": "gzip"})

    async def moved(_: web.Request) -> web.Response:
        raise web.HTTPTemporaryRedirect("/")

    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        with suppress(ConnectionError):
            while True:
                await response.write(bytes(MAX_READ))
        return response

    app = web.Application()
    for path, handler in {"/": answer, "/packed": packed, "/moved": moved, "/endless": endless}.items():
        app.router.add_post(path, handler)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield runner.addresses[0][1]
    await runner.cleanup()


async def test_a_name_that_leads_inside_is_never_called(port: int) -> None:
    for host in ("hooks.example.org", "127.0.0.1", "localhost"):
        resolver = Resolver("127.0.0.1") if host != "localhost" else None
        assert await called(f"http://{host}:{port}/", trial=False, resolver=resolver) == (0, "inside"), host
    assert await called("http://hooks.example.org/", trial=True, resolver=Resolver("169.254.169.254")) == (0, "inside")


async def test_the_demo_calls_loopback(port: int) -> None:
    assert await called(f"http://hooks.example.org:{port}/", trial=True, resolver=Resolver("127.0.0.1")) == (204, "")


def a_webhook(port: int, path: str) -> Subscription:
    """A webhook at a path of the server."""
    secret = Secret(KEYS.seal(new_secret(), SealPurpose.SUBSCRIPTION_SECRET, owner="sub"))
    url = f"http://127.0.0.1:{port}{path}"
    return Subscription("sub", "power", "Orders", "webhook", "production", START, url, (secret,))


@cases("path, fault", [("/", None), ("/packed", None), ("/endless", None), ("/moved", "307")])
async def test_an_answer_is_neither_unpacked_nor_followed_nor_read_to_its_end(
    port: int, path: str, fault: str | None
) -> None:
    nothing, directory = cast(Any, None), Directory(cast(Any, None), cast(Any, None))
    rule = RetryRule([timedelta(seconds=1)], timedelta(days=3))
    sender = WebhookSender(nothing, directory, nothing, nothing, KEYS, rule, FakeClock(), trial=True)
    message = FeedMessage("power", f"routing/{NUMBER}/1", "request.accepted.v1", NUMBER, 1, START, b"{}")
    failure = await sender.send_now(a_webhook(port, path), FeedEntry(message, 1, START))
    assert (failure and failure.error) == fault


async def test_a_closed_port_is_a_fault_of_the_connection() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        assert await called(f"http://127.0.0.1:{port}/", trial=True) == (0, "connection")


@cases(
    "error, fault",
    [
        (TimeoutError(), "timeout"),
        (TimeoutError(), "timeout"),
        (InsideAddressError("inside"), "inside"),
        (ConnectionResetError(), "connection"),
        (aiohttp.ClientPayloadError(), "answer"),
    ],
)
def test_a_fault_is_named_without_what_it_says(error: BaseException, fault: str) -> None:
    assert fault_of(error) == fault


@cases(
    "text, seconds", [("120", 120), ("", None), ("Wed, 21 Oct 2026 07:28:00 GMT", None), ("-1", None), ("9" * 9, None)]
)
def test_a_pause_is_read_in_seconds_only(text: str, seconds: int | None) -> None:
    pause = retry_after_of(text)
    assert (None if pause is None else pause.total_seconds()) == seconds
