"""A registry that is right, wrong, slow, failing or malformed: accounts work meanwhile."""

import asyncio
import gzip
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pytest
import stamina
from aiohttp import web
from pydantic import ValidationError

from deploy.local.ports import Ports
from services.identity.citizens.registry import HttpRegistry, RegistryAwayError
from services.identity.settings import IdentitySettings
from shared.bus import Publisher
from shared.events import CitizenIdentityChecked
from tests.integration.identity_alone import Identity, alone, person
from tools.portal import until

KEY = "the key of this test"
Answer = Callable[[dict[str, Any]], Awaitable[web.Response]]


@dataclass
class Registry:
    """A registry over HTTP; tests set its responses."""

    url: str
    asked: list[dict[str, Any]] = field(default_factory=list)
    behave: Answer | None = None

    async def answer(self, request: web.Request) -> web.Response:
        """Its response; by default it confirms everybody but people called Nobody."""
        assert request.headers["Authorization"] == f"Bearer {KEY}"
        body = await request.json()
        self.asked.append(body)
        if self.behave is not None:
            return await self.behave(body)
        return web.json_response({"match": "Nobody" not in body["name"]})


@pytest.fixture
async def registry() -> AsyncIterator[Registry]:
    """A running registry."""
    ports = Ports()
    port = ports.take()
    registry = Registry(f"http://127.0.0.1:{port}/identities")
    app = web.Application()
    app.router.add_post("/identities", registry.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield registry
    await runner.cleanup()
    ports.release()


@pytest.fixture
async def adapter(registry: Registry) -> AsyncIterator[HttpRegistry]:
    """The adapter, with short timeouts and without pauses between its attempts."""
    adapter = HttpRegistry(registry.url, KEY, timeout=0.2, rest=0.5)
    with stamina.set_testing(True, attempts=10, cap=True):  # 10 at most: the adapter makes fewer
        yield adapter
    await adapter.close()


async def slow(_: dict[str, Any]) -> web.Response:
    """Respond long after the timeout."""
    await asyncio.Event().wait()
    return web.json_response({"match": True})


async def failing(_: dict[str, Any]) -> web.Response:
    """A server error."""
    return web.Response(status=503)


def saying(text: str, status: int = 200) -> Answer:
    """A response with this body."""

    async def answer(_: dict[str, Any]) -> web.Response:
        return web.Response(text=text, status=status, content_type="application/json")

    return answer


async def test_it_says_whether_cnic_and_name_belong_together(registry: Registry, adapter: HttpRegistry) -> None:
    assert await adapter.ask("3520212345671", "Ayesha Khan") == "confirmed"
    assert await adapter.ask("3520212345671", "Nobody") == "mismatch"
    assert registry.asked[0] == {"cnic": "3520212345671", "name": "Ayesha Khan"}
    registry.behave = saying('{"match": false}', 404)
    assert await adapter.ask("3520212345671", "Ayesha Khan") == "mismatch"


async def in_pieces(_: dict[str, Any]) -> web.Response:
    """A response that arrives in pieces."""

    async def pieces() -> AsyncIterator[bytes]:
        for piece in (b'{"mat', b'ch": tr', b"ue}"):
            yield piece
            await asyncio.sleep(0.02)

    return web.Response(body=pieces())


async def test_an_answer_in_pieces_is_read_whole(registry: Registry, adapter: HttpRegistry) -> None:
    registry.behave = in_pieces
    assert await adapter.ask("3520212345671", "Ayesha Khan") == "confirmed"
    assert len(registry.asked) == 1


@pytest.mark.parametrize(
    "text", ["", "no", "{}", "[]", '{"match": "yes"}', '{"match": 1}', json.dumps({"a": "x" * 20_000})]
)
async def test_other_words_are_no_verdict(registry: Registry, adapter: HttpRegistry, text: str) -> None:
    registry.behave = saying(text)
    with pytest.raises(RegistryAwayError):
        await adapter.ask("3520212345671", "Ayesha Khan")


async def squeezed(_: dict[str, Any]) -> web.Response:
    """A compressed response that is huge when decompressed."""
    packed = gzip.compress(b" " * 20_000_000)
    return web.Response(body=packed, headers={"Content-Encoding": "gzip"}, content_type="application/json")


async def not_packed(_: dict[str, Any]) -> web.Response:
    """A response that claims to be compressed, and is not."""
    return web.Response(body=b'{"match": true}', headers={"Content-Encoding": "gzip"})


@pytest.mark.parametrize(
    "behave",
    [
        saying("<html>404 Not Found</html>", 404),
        saying('{"message": "no route"}', 404),
        saying('{"match": true}', 404),
        squeezed,
        not_packed,
    ],
    ids=["a page", "a proxy's words", "contradictory", "squeezed", "not packed"],
)
async def test_nobody_is_unlike_for_what_is_not_the_registrys_word(
    registry: Registry, adapter: HttpRegistry, behave: Answer
) -> None:
    registry.behave = behave
    with pytest.raises(RegistryAwayError):
        await adapter.ask("3520212345671", "Ayesha Khan")


@pytest.mark.parametrize("behave", [slow, failing, saying("{}", 302)])
async def test_a_question_ends_in_time_after_three_tries(
    registry: Registry, adapter: HttpRegistry, behave: Answer
) -> None:
    registry.behave = behave
    started = time.monotonic()
    with pytest.raises(RegistryAwayError):
        await adapter.ask("3520212345671", "Ayesha Khan")
    assert time.monotonic() - started < 5
    assert len(registry.asked) == 3


async def test_one_that_is_down_is_left_alone_and_found_again(registry: Registry, adapter: HttpRegistry) -> None:
    registry.behave = failing
    for _ in range(5):
        with pytest.raises(RegistryAwayError):
            await adapter.ask("3520212345671", "Ayesha Khan")
    asked = len(registry.asked)
    with pytest.raises(RegistryAwayError, match="resting"):
        await adapter.ask("3520212345671", "Ayesha Khan")
    assert len(registry.asked) == asked
    registry.behave = None

    async def back() -> str | None:
        with suppress(RegistryAwayError):
            return await adapter.ask("3520212345671", "Ayesha Khan")
        return None

    assert await until(back, "the registry to be asked again") == "confirmed"
    assert await adapter.ask("3520212345671", "Ayesha Khan") == "confirmed"


async def identity_of(identity: Identity, token: str) -> str:
    """The `identity` of the caller's account."""
    return str((await identity.ask("GET", "/api/v1/me", token=token)).body["identity"])


async def test_accounts_work_unverified_until_the_registry_has_answered(
    environment: dict[str, str], registry: Registry, publisher: Publisher
) -> None:
    registry.behave = failing
    quick = {"registry_every": 0.1, "registry_again": 0.3, "registry_timeout": 0.2, "registry_rest": 0.3}
    asked = {"registry": "http", "registry_url": registry.url, "registry_key": KEY, **quick}
    async with alone(environment, **asked) as identity:
        right, wrong = await identity.citizen(), person(name="Nobody Atall")
        registration = (await identity.register(wrong)).body["registration"]
        code = {"code": await identity.code(wrong["cnic"])}
        proven = await identity.ask("POST", f"/api/v1/registrations/{registration}/otp", json=code)
        identity.devices[wrong["cnic"]] = proven.body["device"]
        tokens = [(await identity.login(body["cnic"], body["password"]))["access_token"] for body in (right, wrong)]
        assert [await identity_of(identity, token) for token in tokens] == ["unverified", "unverified"]
        registry.behave = None

        async def answered() -> bool | None:
            verdicts = [await identity_of(identity, token) for token in tokens]
            return True if verdicts == ["confirmed", "mismatch"] else None

        await until(answered, "both verdicts")
        checked = [
            event for event in await identity.events(wrong["cnic"]) if event["type"] == CitizenIdentityChecked.type
        ]
        assert [CitizenIdentityChecked.model_validate_json(event["data"]).identity for event in checked] == ["mismatch"]

        mended = await identity.ask("PATCH", "/api/v1/me", token=tokens[1], json={"name": "Ayesha Khan"})
        assert mended.status == 200

        async def mended_too() -> bool | None:
            return True if await identity_of(identity, tokens[1]) == "confirmed" else None

        await until(mended_too, "the verdict about the mended name")
        account = await identity.account(wrong["cnic"])
        assert account is not None
        assert account.check_at is None  # nobody is asked again


@pytest.mark.parametrize(
    "given",
    [
        {"registry": "http"},
        {"env": "production", "registry": "demo"},
        {"env": "production", "registry": "http", "registry_url": "http://registry.example"},
    ],
)
def test_settings_that_cannot_be_meant_are_refused(environment: dict[str, str], given: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        IdentitySettings.model_validate({**environment, **given})
