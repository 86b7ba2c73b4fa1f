"""Sending SMS to a gateway over HTTP, on loopback."""

import asyncio
import contextlib
import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from pydantic import SecretStr

from services.notifier.channels.gateway import SmsGateway
from services.notifier.channels.gateway_file import GatewayFile
from services.notifier.channels.provider import DeliveryResult, OutboundMessage, Terms
from services.notifier.models.notification import DeliveryState
from services.notifier.settings import SmsSettings
from shared.events import RequestSubmitted
from tests.builders import CITIZEN, a_delivery, an_envelope
from tests.unit.notifier.memory import World
from tests.unit.notifier.samples import MOBILE, filed, registered

TERMS = Terms("sms", "sms", patience=0.5)


def a_message(address: str, words: str = "Your code is 123456.", language: str = "en", **more: str) -> OutboundMessage:
    """An outbound message."""
    return OutboundMessage(secrets.token_hex(16), address, more.get("subject", "Your Rabta code"), words, language)


Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def a_gateway(answer: Answer, kind: str, port: int) -> AsyncIterator[tuple[SmsGateway, list[dict[str, Any]]]]:
    """An SMS gateway on loopback: its channel, and the requests that it got."""
    asked: list[dict[str, Any]] = []

    async def take(request: web.Request) -> web.StreamResponse:
        form = dict(await request.post())
        asked.append({"path": request.path, "auth": request.headers.get("Authorization"), **form})
        return await answer(request)

    app = web.Application()
    app.router.add_post("/{path:.*}", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    url = f"http://127.0.0.1:{port}" + ("/send.php" if kind == "form" else "")
    channel = SmsGateway(
        GatewayFile.read(kind), SmsSettings(url=url, account="AC1", secret=SecretStr("s3cret"), sender="RABTA"), TERMS
    )
    try:
        yield channel, asked
    finally:
        await channel.close()
        await runner.cleanup()


def saying(status: int, text: str) -> Answer:
    """A gateway that always gives the same response."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, text=text)

    return answer


async def test_a_twilio_gateway_is_asked_as_it_wants(unused_tcp_port: int) -> None:
    words = "Your code is {secret} & 123456."
    created = json.dumps({"sid": "SM42", "status": "queued"})
    async with a_gateway(saying(201, created), "twilio", unused_tcp_port) as (channel, asked):
        result = await channel.deliver(a_message("+923001234567", words))
    assert (result.state, result.reference) == (DeliveryState.SENDING, "SM42")
    [one] = asked
    assert one["path"] == "/2010-04-01/Accounts/AC1/Messages.json"
    assert (one["To"], one["From"], one["Body"]) == ("+923001234567", "RABTA", words)
    assert str(one["auth"]).startswith("Basic ")


async def test_a_form_gateway_is_asked_as_it_wants(unused_tcp_port: int) -> None:
    async with a_gateway(saying(200, "OK: 778899"), "form", unused_tcp_port) as (channel, asked):
        result = await channel.deliver(a_message("+923001234567", "آپ کا کوڈ", "ur"))
    assert (result.state, result.reference) == (DeliveryState.SENDING, "778899")
    [one] = asked
    assert (one["path"], one["to"], one["message"], one["mask"]) == ("/send.php", "923001234567", "آپ کا کوڈ", "RABTA")
    assert (one["username"], one["password"]) == ("AC1", "s3cret")


@pytest.mark.parametrize(
    ("kind", "status", "text", "state"),
    [
        ("twilio", 400, '{"code": 21211, "message": "Invalid To"}', DeliveryState.PERMANENT_FAILURE),
        ("twilio", 401, '{"code": 20003}', DeliveryState.TECHNICAL_FAILURE),
        ("twilio", 429, "{}", DeliveryState.TEMPORARY_FAILURE),
        ("twilio", 500, "", DeliveryState.TEMPORARY_FAILURE),
        ("twilio", 200, "<html>Welcome to our hotel</html>", DeliveryState.TECHNICAL_FAILURE),
        ("form", 200, "Error: Invalid number", DeliveryState.PERMANENT_FAILURE),
        ("form", 200, "Error: low balance", DeliveryState.TECHNICAL_FAILURE),
    ],
)
async def test_every_answer_of_a_gateway_has_a_class(
    unused_tcp_port: int, kind: str, status: int, text: str, state: DeliveryState
) -> None:
    async with a_gateway(saying(status, text), kind, unused_tcp_port) as (channel, _):
        assert (await channel.deliver(a_message("+923001234567"))).state is state


async def test_whatever_a_message_says_it_stays_in_its_place_of_the_address(unused_tcp_port: int) -> None:
    asked = []

    async def take(request: web.Request) -> web.Response:
        asked.append((request.match_info["words"], dict(request.query)))
        return web.Response(text="OK")

    app = web.Application()
    app.router.add_get("/send/{words:.*}", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", unused_tcp_port).start()
    file = {"method": "GET", "path": "/send/{words}?mask={sender}", "query": {"text": "{words}"}, "accepted": "OK"}
    url = f"http://127.0.0.1:{unused_tcp_port}"
    channel = SmsGateway(
        GatewayFile.model_validate(file), SmsSettings(url=url, account="", secret=SecretStr(""), sender="RABTA"), TERMS
    )
    words = "Is 1/2 of it done? See #4 & {secret}, 100%23."
    await channel.deliver(a_message("+923001234567", words))
    await channel.close()
    await runner.cleanup()
    assert asked == [(words, {"mask": "RABTA", "text": words})]


async def test_an_answer_of_a_gateway_may_come_in_pieces_and_without_end(unused_tcp_port: int) -> None:
    async def talk(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(status=201)
        await answer.prepare(request)
        for piece in (b'{"body": "Your code', b'is 123456.", "sid"', b': "SM42"}'):
            await answer.write(piece)
            await asyncio.sleep(0)
        with contextlib.suppress(ConnectionError):
            while True:
                await answer.write(b" " * 65_536)
        return answer

    async with a_gateway(talk, "twilio", unused_tcp_port) as (channel, _):
        result = await channel.deliver(a_message("+923001234567"))
    assert (result.state, result.reference) == (DeliveryState.SENDING, "SM42")


async def test_a_gateway_that_hangs_or_is_away_may_work_later(unused_tcp_port: int) -> None:
    release = asyncio.Event()

    async def hang(_: web.Request) -> web.Response:
        await release.wait()
        return web.Response()

    async with a_gateway(hang, "form", unused_tcp_port) as (channel, _):
        assert await channel.deliver(a_message("+923001234567")) == DeliveryResult(
            DeliveryState.TEMPORARY_FAILURE, unsure=True
        )
        release.set()
    away = SmsGateway(
        GatewayFile.read("form"),
        SmsSettings(url=f"http://127.0.0.1:{unused_tcp_port}", account="", secret=SecretStr(""), sender="RABTA"),
        TERMS,
    )
    assert (await away.deliver(a_message("+923001234567"))).state is DeliveryState.TEMPORARY_FAILURE
    await away.close()


async def test_a_message_leaves_by_the_gateway_once_and_is_known_by_its_name_there(unused_tcp_port: int) -> None:
    async with a_gateway(saying(200, "OK: 778899"), "form", unused_tcp_port) as (channel, asked):
        world = World(channel)
        await world.citizens.take([a_delivery(an_envelope(registered("ur"), 1, subject=CITIZEN))])
        await world.notifier.take([a_delivery(an_envelope(filed(RequestSubmitted, "complaint", "verifying")))])
        assert asked == []
        world.clock.advance(minutes=1)
        assert await world.courier.round() == 1
        world.clock.advance(minutes=60)
        assert await world.courier.round() == 0
    [made] = world.notifications.all()
    assert (made.state, made.reference, made.language) == (DeliveryState.SENDING, "778899", "ur")
    [one] = asked
    assert (one["to"], one["message"]) == (MOBILE.removeprefix("+"), world.words()[0])
