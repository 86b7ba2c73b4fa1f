"""A service's list of ended sessions: at most two seconds old, read once, and kept while identity does not answer."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from shared import revocation
from shared.revocation import Revocations, digest_of
from tests.unit.gateway.serving import serving


class Publisher:
    """An identity that publishes its ended sessions."""

    def __init__(self) -> None:
        self.ended: list[str] = []
        self.asked = 0
        self.status = 200

    async def answer(self, _: Request) -> Response:
        """The list."""
        self.asked += 1
        return JSONResponse({"ended": [digest_of(session) for session in self.ended]}, self.status)


@pytest.fixture
async def published() -> AsyncIterator[tuple[Publisher, Revocations]]:
    """A publisher, and what a service knows of it."""
    publisher = Publisher()
    async with serving(Starlette(routes=[Route("/revoked-sessions", publisher.answer)])) as url:
        yield publisher, Revocations(f"{url}/revoked-sessions")


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is known is never fresh."""
    monkeypatch.setattr(revocation, "FRESH", -1.0)
    monkeypatch.setattr(revocation, "STALE", -1.0)


async def test_an_ended_session_is_held_and_others_are_not(published: tuple[Publisher, Revocations]) -> None:
    publisher, known = published
    publisher.ended = ["one"]
    assert [await known.is_revoked("one"), await known.is_revoked("two")] == [True, False]


async def test_parallel_checks_fetch_once(published: tuple[Publisher, Revocations]) -> None:
    publisher, known = published
    await asyncio.gather(*(known.is_revoked("one") for _ in range(50)))
    assert publisher.asked == 1


@pytest.mark.usefixtures("at_once")
async def test_later_revocations_are_fetched(published: tuple[Publisher, Revocations]) -> None:
    publisher, known = published
    assert not await known.is_revoked("one")
    publisher.ended = ["one"]
    assert await known.is_revoked("one")


@pytest.mark.usefixtures("at_once")
async def test_last_list_is_used_while_identity_is_down(published: tuple[Publisher, Revocations]) -> None:
    publisher, known = published
    publisher.ended = ["one"]
    assert await known.is_revoked("one")
    publisher.status = 503
    assert [await known.is_revoked("one"), await known.is_revoked("two")] == [True, False]
