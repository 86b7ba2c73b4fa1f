"""Kept-alive HTTP/1.1 connections to one replica of a service, for responses that are read whole.

A general HTTP client took half of the gateway's time for a request. Files, which are streamed, still go through one
(`gateway.proxy`).
"""

import asyncio
import random
import socket
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlsplit

import httptools

from gateway.headers import Header

MAX_CONNECTIONS = 256
CONNECT_SECONDS = 2.0
IDLE_SECONDS = 30.0
"""Less than the services keep an idle connection open (`shared.serve`)."""


class UnreachableError(Exception):
    """No connection could be made, so nothing was sent."""


class BrokenError(Exception):
    """The connection ended or the response is not HTTP. The service may have carried out the request."""


@dataclass(frozen=True, slots=True)
class ServiceAnswer:
    """A response of a service."""

    status: int
    headers: Sequence[Header]
    body: bytes


class Connection(asyncio.Protocol):
    """One connection with one request at a time. The parser calls the methods `on_...`."""

    def __init__(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._headers: list[Header] = []
        self._body: list[bytes] = []
        self._answer: asyncio.Future[ServiceAnswer] | None = None
        self._transport: asyncio.Transport | None = None
        self.idle_since = 0.0

    @property
    def is_open(self) -> bool:
        """Whether another request can be sent."""
        return self._transport is not None

    def ask(self, request: bytes) -> asyncio.Future[ServiceAnswer]:
        """Send a request; the future gets the response or a BrokenError."""
        assert self._transport is not None
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return self._answer

    def close(self) -> None:
        """Close the connection."""
        if self._transport is not None:
            self._transport.abort()
            self._transport = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Parse the next part of a response."""
        if self._answer is None or self._answer.done():  # nobody asked: what follows could be taken for an answer
            self.close()
            return
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self.close()
            self._break()

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail the request under way."""
        self._transport = None
        self._break()

    def on_message_begin(self) -> None:
        """Close the connection if it has answered already: the next request must not get what follows."""
        if self._answer is None or self._answer.done():
            self.close()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header."""
        self._headers.append((name, value))

    def on_body(self, chunk: bytes) -> None:
        """Keep a chunk of the body."""
        self._body.append(chunk)

    def on_message_complete(self) -> None:
        """Hand over the response; an interim one (1xx) is not it."""
        answer = ServiceAnswer(self._parser.get_status_code(), self._headers, b"".join(self._body))
        self._headers, self._body = [], []
        if answer.status < 200:
            return
        if not self._parser.should_keep_alive():
            self.close()
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(answer)

    def _break(self) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(BrokenError())


class Pool:
    """The connections to one replica."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host, self._tls = parts.hostname or "", parts.scheme == "https"
        self._port = parts.port or (443 if self._tls else 80)
        self._name = parts.netloc
        self._idle: list[Connection] = []
        self._free = asyncio.Semaphore(MAX_CONNECTIONS)

    async def ask(self, method: str, target: str, headers: Mapping[str, str], body: bytes | None) -> ServiceAnswer:
        """The response to a request. Raises UnreachableError, BrokenError, and ValueError for a malformed header."""
        request = request_bytes(method, target, {"Host": self._name, **headers}, body)
        async with self._free:
            connection = self._reuse() or await self._connect()
            try:
                answer = await connection.ask(request)
            except BaseException:  # also when cancelled: the next request must not get this response
                connection.close()
                raise
            if connection.is_open:
                connection.idle_since = time.monotonic()
                self._idle.append(connection)
            return answer

    def close(self) -> None:
        """Close the idle connections."""
        while self._idle:
            self._idle.pop().close()

    def _reuse(self) -> Connection | None:
        """The connection that was used last, if it is still fresh."""
        fresh = time.monotonic() - IDLE_SECONDS
        while self._idle:
            connection = self._idle.pop()
            if connection.is_open and connection.idle_since > fresh:
                return connection
            connection.close()
        return None

    async def _connect(self) -> Connection:
        """A new connection to one of the addresses of the host, in random order. Raises UnreachableError."""
        loop, failure = asyncio.get_running_loop(), "no address"
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                found = await loop.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM)
                for *_, address in random.sample(found, len(found)):
                    try:
                        return await self._connect_to(str(address[0]))
                    except OSError as error:
                        failure = type(error).__name__
        except (OSError, TimeoutError) as error:
            failure = type(error).__name__
        raise UnreachableError(failure)

    async def _connect_to(self, address: str) -> Connection:
        loop = asyncio.get_running_loop()
        name = self._host if self._tls else None
        _, connection = await loop.create_connection(
            Connection, address, self._port, ssl=self._tls or None, server_hostname=name
        )
        return connection


def request_bytes(method: str, target: str, headers: Mapping[str, str], body: bytes | None) -> bytes:
    """A request as it is sent. Raises ValueError if the target or a header would end its line."""
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    if body is not None:
        lines.append(f"Content-Length: {len(body)}")
    head = "\r\n".join(lines)
    if " " in target or not head.count("\r") == head.count("\n") == len(lines) - 1:
        raise ValueError("the target or a header would end its line")
    return head.encode("latin-1") + b"\r\n\r\n" + (body or b"")
