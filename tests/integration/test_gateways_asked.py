"""Asking an SMS gateway about a message after it did not respond; against HTTP servers on loopback."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import web
from pydantic import SecretStr

from services.notifier.channels.gateway import SmsGateway
from services.notifier.channels.gateway_file import GatewayFile
from services.notifier.channels.provider import DeliveryResult, OutboundMessage, Terms
from services.notifier.models.notification import DeliveryState
from services.notifier.settings import SmsSettings

OURS = secrets.token_hex(16)
MESSAGE = OutboundMessage(OURS, "+923001234567", "", "Your code is 123456.", "en")
CALLBACKS = "https://rabta.example/api/v1/callbacks/sms"
SECRET = "k" * 40

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def a_gateway(kind: str, answer: Answer, port: int) -> AsyncIterator[SmsGateway]:
    """A gateway on loopback that always gives the same response, and its channel."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    account = SmsSettings(
        url=f"http://127.0.0.1:{port}",
        account="AC1",
        secret=SecretStr("s3cret"),
        sender="RABTA",
        callback_secret=SecretStr(SECRET),
    )
    channel = SmsGateway(GatewayFile.read(kind), account, Terms("sms", "sms", patience=0.5), CALLBACKS)
    try:
        yield channel
    finally:
        await channel.close()
        await runner.cleanup()


def saying(text: str, status: int = 200, asked: list[dict[str, Any]] | None = None, later: str = "") -> Answer:
    """A gateway that gives this response and records the requests."""

    async def answer(request: web.Request) -> web.Response:
        body = await request.json() if "json" in request.content_type else dict(await request.post())
        if asked is not None:
            asked.append({"at": f"{request.method} {request.path_qs}", "headers": request.headers, "body": body})
        return web.Response(status=status, text=text, headers={"Retry-After": later} if later else None)

    return answer


@pytest.mark.parametrize(
    ("reply", "status", "result"),
    [
        ('{"status": "delivered", "error_code": null}', 200, DeliveryResult(DeliveryState.DELIVERED, "SM1")),
        ('{"status": "sent", "error_code": null}', 200, DeliveryResult(DeliveryState.SENDING, "SM1")),
        (
            '{"error_code": 30005, "status": "undelivered"}',
            200,
            DeliveryResult(DeliveryState.PERMANENT_FAILURE, "SM1", bad_address=True),
        ),
        ('{"status": "of a kind that nobody knows"}', 200, None),
        ("Not found", 404, None),
        ("Internal error", 500, None),
    ],
)
async def test_twilio_says_what_became_of_a_message_that_it_took(
    unused_tcp_port: int, reply: str, status: int, result: DeliveryResult | None
) -> None:
    asked: list[dict[str, Any]] = []
    async with a_gateway("twilio", saying(reply, status, asked), unused_tcp_port) as channel:
        assert (channel.asks_by, channel.can_be_asked) == ("theirs", False)
        assert await channel.ask("SM1") == result
    assert asked[0]["at"] == "GET /2010-04-01/Accounts/AC1/Messages/SM1.json"
    assert asked[0]["headers"]["Authorization"].startswith("Basic ")


@pytest.mark.parametrize(
    ("reply", "status", "result"),
    [
        (
            json.dumps({"messages": [{"message_id": "m-1", "status": "SUBMITTED"}]}),
            200,
            DeliveryResult(DeliveryState.SENDING, "m-1"),
        ),
        (json.dumps({"messages": []}), 200, DeliveryResult(DeliveryState.TEMPORARY_FAILURE)),
        ("", 404, DeliveryResult(DeliveryState.TEMPORARY_FAILURE)),
        ("", 401, None),
        (json.dumps({"messages": []}), 503, None),
    ],
)
async def test_a_gateway_that_knows_our_name_of_a_message_says_whether_it_has_it(
    unused_tcp_port: int, reply: str, status: int, result: DeliveryResult | None
) -> None:
    asked: list[dict[str, Any]] = []
    async with a_gateway("json", saying(reply, status, asked), unused_tcp_port) as channel:
        assert channel.can_be_asked
        assert await channel.ask(OURS) == result
    assert asked[0]["at"] == f"GET /v1/messages?client_reference={OURS}"
    assert asked[0]["headers"]["Authorization"] == "Bearer s3cret"


async def test_nobody_knows_what_a_gateway_would_have_said(unused_tcp_port: int) -> None:
    async with a_gateway("json", never, unused_tcp_port) as channel:
        assert await channel.ask(OURS) is None
    async with a_gateway("form", saying("OK"), unused_tcp_port) as channel:
        assert (channel.asks_by, await channel.ask(OURS)) == (None, None)


async def never(_: web.Request) -> web.StreamResponse:
    """Accepts a message and never responds."""
    await asyncio.Event().wait()
    raise AssertionError


async def test_a_message_says_where_its_receipts_go(unused_tcp_port: int) -> None:
    asked: list[dict[str, Any]] = []
    for kind, reply in (("twilio", '{"sid": "SM1"}'), ("json", '{"message_id": "m-1"}')):
        async with a_gateway(kind, saying(reply, 201, asked), unused_tcp_port) as channel:
            assert (await channel.deliver(MESSAGE)).state is DeliveryState.SENDING
    twilio, other = (one["body"] for one in asked)
    assert twilio["StatusCallback"] == f"{CALLBACKS}/receipts?reference={OURS}"
    assert other["receipt_url"] == f"{CALLBACKS}/receipts?reference={OURS}"
    assert other["recipients"] == [{"number": "923001234567", "client_reference": OURS}]


async def test_a_gateway_that_can_sign_nothing_is_given_the_secret_with_the_address(unused_tcp_port: int) -> None:
    asked: list[dict[str, Any]] = []
    async with a_gateway("form", saying("OK: 1", 200, asked), unused_tcp_port) as channel:
        file = GatewayFile.read("form")
        channel._gateway = file.model_copy(update={"form": {**file.form, "dlr": "{callback}"}})
        await channel.deliver(MESSAGE)
    query = parse_qs(urlsplit(asked[0]["body"]["dlr"]).query)
    assert query == {"reference": [OURS], "key": [SECRET]}


@pytest.mark.parametrize(("words", "unicode"), [("Your code is 123456.", "0"), ("آپ کا کوڈ 123456 ہے۔", "1")])
async def test_a_form_gateway_is_told_which_letters_come(unused_tcp_port: int, words: str, unicode: str) -> None:
    asked: list[dict[str, Any]] = []
    async with a_gateway("form", saying("OK: 1", 200, asked), unused_tcp_port) as channel:
        await channel.deliver(OutboundMessage(OURS, "+923001234567", "", words, "en"))
    assert asked[0]["body"]["unicode"] == unicode


@pytest.mark.parametrize(
    ("status", "later", "pause"),
    [(429, "7", 7), (429, "", 1), (503, "86400", 300), (500, "", 0), (429, "Wed, 21 Oct 2026 07:28:00 GMT", 1)],
)
async def test_a_gateway_says_when_it_wants_more(unused_tcp_port: int, status: int, later: str, pause: float) -> None:
    async with a_gateway("twilio", saying("", status, later=later), unused_tcp_port) as channel:
        assert await channel.deliver(MESSAGE) == DeliveryResult(DeliveryState.TEMPORARY_FAILURE, pause=pause)


async def test_a_message_whose_answer_never_came_may_have_been_taken(unused_tcp_port: int) -> None:
    async def cut(request: web.Request) -> web.Response:
        await request.post()
        assert request.transport is not None
        request.transport.close()
        return web.Response()

    perhaps = DeliveryResult(DeliveryState.TEMPORARY_FAILURE, unsure=True)
    for answer in (never, cut, saying("Gateway timeout", 504)):
        async with a_gateway("twilio", answer, unused_tcp_port) as channel:
            assert await channel.deliver(MESSAGE) == perhaps


async def test_a_message_that_never_left_was_not_taken(unused_tcp_port: int) -> None:
    account = SmsSettings(
        url=f"http://127.0.0.1:{unused_tcp_port}", account="AC1", secret=SecretStr("s3cret"), sender="RABTA"
    )
    channel = SmsGateway(GatewayFile.read("twilio"), account, Terms("sms", "sms", patience=0.5))
    assert await channel.deliver(MESSAGE) == DeliveryResult(DeliveryState.TEMPORARY_FAILURE)
    await channel.close()
