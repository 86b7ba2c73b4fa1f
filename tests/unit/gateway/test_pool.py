"""The gateway's connections to services: they are kept, and a response never reaches another request."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from gateway.pool import BrokenError, Pool, UnreachableError, request_bytes
from tests.fakes import until

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"


class Service:
    """A service that reads the heads of requests and sends whatever bytes `respond` makes of each."""

    def __init__(self, respond: Callable[[bytes], Awaitable[bytes]]) -> None:
        self.connections = 0
        self.writers: list[asyncio.StreamWriter] = []
        self._respond = respond

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        self.connections += 1
        self.writers.append(writer)
        try:
            while True:
                writer.write(await self._respond(await reader.readuntil(b"\r\n\r\n")))
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


async def echo(head: bytes) -> bytes:
    """A response that holds the last four characters of the target."""
    return OK + head.split(b" ", 2)[1][-4:]


@asynccontextmanager
async def pool_to(service: Service) -> AsyncIterator[Pool]:
    """A pool of connections to the service."""
    server = await asyncio.start_server(service, "127.0.0.1", 0)
    async with server:
        pool = Pool(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        yield pool
        pool.close()
        for writer in service.writers:
            writer.close()


async def get(pool: Pool, target: str) -> bytes:
    """The body of a response."""
    return (await pool.ask("GET", target, {}, None)).body


async def test_one_connection_serves_requests_that_follow_each_other() -> None:
    service = Service(echo)
    async with pool_to(service) as pool:
        assert [await get(pool, f"/{n:04}") for n in range(5)] == [b"%04d" % n for n in range(5)]
    assert service.connections == 1


async def test_requests_at_once_get_their_own_responses() -> None:
    service = Service(echo)
    async with pool_to(service) as pool:
        assert await asyncio.gather(*(get(pool, f"/{n:04}") for n in range(50))) == [b"%04d" % n for n in range(50)]
    assert service.connections == 50


async def test_a_response_in_chunks_is_read_whole() -> None:
    async def chunked(_: bytes) -> bytes:
        return b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n"

    async with pool_to(Service(chunked)) as pool:
        answer = await pool.ask("GET", "/", {}, None)
    assert (answer.status, answer.body) == (201, b"abcde")


async def test_a_connection_that_the_service_closed_is_replaced() -> None:
    service = Service(echo)
    async with pool_to(service) as pool:
        await get(pool, "/0001")
        service.writers[0].close()
        await until(lambda: not pool._idle[0].is_open)
        assert await get(pool, "/0002") == b"0002"
    assert service.connections == 2


async def test_a_response_to_a_cancelled_request_reaches_nobody() -> None:
    waiting, go = asyncio.Event(), asyncio.Event()

    async def slow_at_first(head: bytes) -> bytes:
        if b"slow" in head:
            waiting.set()
            await go.wait()
        return await echo(head)

    async with pool_to(Service(slow_at_first)) as pool:
        cancelled = asyncio.create_task(get(pool, "/slow"))
        await waiting.wait()
        cancelled.cancel()
        await asyncio.gather(cancelled, return_exceptions=True)
        go.set()
        assert await get(pool, "/0002") == b"0002"


async def test_a_response_that_nobody_asked_for_ends_the_connection() -> None:
    service = Service(echo)
    async with pool_to(service) as pool:
        await get(pool, "/0001")
        service.writers[0].write(OK + b"evil")
        await until(lambda: not pool._idle[0].is_open)
        assert await get(pool, "/0002") == b"0002"


@pytest.mark.parametrize("more", [b"H", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", OK + b"evil"])
async def test_a_second_response_right_behind_the_first_reaches_nobody(more: bytes) -> None:
    async def two_at_first(head: bytes) -> bytes:
        return await echo(head) + (more if b"0001" in head else b"")

    service = Service(two_at_first)
    async with pool_to(service) as pool:
        assert [await get(pool, "/0001"), await get(pool, "/0002")] == [b"0001", b"0002"]
    assert service.connections == 2


async def test_an_interim_response_is_not_the_response() -> None:
    async def hinting(head: bytes) -> bytes:
        return b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + await echo(head)

    service = Service(hinting)
    async with pool_to(service) as pool:
        answers = [await pool.ask("GET", f"/{n:04}", {}, None) for n in range(2)]
    assert [(answer.status, answer.body, len(answer.headers)) for answer in answers] == [
        (200, b"0000", 1),
        (200, b"0001", 1),
    ]
    assert service.connections == 1


SWITCHING = b"HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n"


@pytest.mark.parametrize(
    "response", [SWITCHING, b"SSH-2.0-OpenSSH\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"]
)
async def test_a_response_that_is_not_http_is_an_error(response: bytes) -> None:
    async def other(_: bytes) -> bytes:
        return response

    async with pool_to(Service(other)) as pool:
        with pytest.raises(BrokenError):
            await get(pool, "/")


async def test_a_service_that_is_away_is_unreachable() -> None:
    with pytest.raises(UnreachableError):
        await get(Pool("http://127.0.0.1:1"), "/")


@pytest.mark.parametrize(
    ("target", "value"), [("/", "a\r\nX: b"), ("/", "a\nb"), ("/", "a\rb"), ("/ HTTP/1.1", "a"), ("/\r\n", "a")]
)
async def test_nothing_ends_its_line(target: str, value: str) -> None:
    with pytest.raises(ValueError, match="end its line"):
        request_bytes("GET", target, {"Accept-Language": value}, None)


async def test_a_request_says_how_long_its_body_is() -> None:
    sent = request_bytes("POST", "/x", {"Host": "requests"}, b"{}")
    assert sent == b"POST /x HTTP/1.1\r\nHost: requests\r\nContent-Length: 2\r\n\r\n{}"
