"""HTTP headers that are sent slowly, on a real socket."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from shared.header_timeout import HeaderTimeoutProtocol
from tests.unit.gateway.serving import serving

PATIENCE = 0.4
ASK = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


class Hasty(HeaderTimeoutProtocol):
    """The protocol with a shorter timeout."""

    patience = PATIENCE


async def slowly(_: Request) -> PlainTextResponse:
    """A response that takes longer than headers may."""
    done = asyncio.Event()
    asyncio.get_running_loop().call_later(2 * PATIENCE, done.set)
    await done.wait()
    return PlainTextResponse("done")


@pytest.fixture
async def port() -> AsyncIterator[int]:
    """A server of one slow page."""
    async with serving(Starlette(routes=[Route("/", slowly)]), http=Hasty) as url:
        yield int(url.rpartition(":")[2])


async def end_of(reader: asyncio.StreamReader) -> bytes:
    """What comes until the other side closes, which it also does by a reset when more bytes arrive just then."""
    async with asyncio.timeout(20 * PATIENCE):
        try:
            return await reader.read()
        except ConnectionResetError:
            return b""


async def drip(writer: asyncio.StreamWriter, reader: asyncio.StreamReader) -> None:
    """A header field without an end, byte by byte, each in time."""
    while not reader.at_eof():
        writer.write(b"x")
        await asyncio.sleep(PATIENCE / 8)


async def test_silent_connection_is_closed(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    assert await end_of(reader) == b""
    writer.close()


@pytest.mark.parametrize("before", [b"", ASK], ids=["the first", "after an answer"])
async def test_slow_headers_close_the_connection(port: int, before: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    if before:
        writer.write(before)
        await reader.readuntil(b"done")
    writer.write(b"GET / HTTP/1.1\r\nX-A: ")
    dripping = asyncio.create_task(drip(writer, reader))
    assert await end_of(reader) == b""
    dripping.cancel()
    writer.close()


async def test_prompt_client_has_no_timeout_during_the_answer_or_between_requests(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(3):
        writer.write(ASK)
        assert b"200 OK" in await reader.readuntil(b"done")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(2 * PATIENCE):
                await reader.read(1)
    writer.close()
