"""Files on their way through: never whole in memory, held back where the other side is slower, cut off when too slow.

A body goes to its service as it comes; a file comes back the same way. What goes wrong in the middle of a body ends
the connection to the service, which then keeps nothing.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

from starlette.types import Message, Receive, Scope, Send

from gateway.headers import Header
from shared.errors import Problem
from shared.jsonbody import TooLargeError, UnsupportedMediaTypeError

MAX_FILE = 15_000_000 + 1024
"""Bytes of a body. The service has the exact limit; this one only stops what is far beyond it."""
GRACE = 10.0
SLOWEST_RATE = 2 * 1024
"""Bytes a second that a sender has to reach on the average, after the seconds of grace: less than 2G gives (GPRS)."""
DISPOSITION = b"content-disposition"
CONTENT_LENGTH = b"content-length"
SANDBOX = (b"content-security-policy", b"default-src 'none'; sandbox")
UNKEPT = (b"cache-control", b"private, no-store")


class BodyTooLargeError(TooLargeError):
    """More bytes than any file may have."""

    code = "file-too-large"


class UploadTooSlowError(Problem):
    """The sender stopped, or is slower than anybody's telephone."""

    status, code = 408, "upload-too-slow"


class ClientGoneError(Exception):
    """The client hung up before its request was whole."""


@dataclass
class StreamedBody:
    """A client's body, handed on as it comes; `failure` tells why it ended before its end."""

    receive: Receive
    most: int = MAX_FILE
    grace: float = GRACE
    rate: float = SLOWEST_RATE
    size: int = 0
    waited: float = 0.0
    failure: Exception | None = field(default=None)

    async def chunks(self) -> AsyncIterator[bytes]:
        """The pieces of the body. Raises what `failure` then holds."""
        more = True
        while more:
            try:
                message = await self._next()
                if message["type"] == "http.disconnect":
                    raise ClientGoneError
                chunk: bytes = message.get("body", b"")
                self.size += len(chunk)
                if self.size > self.most:
                    raise BodyTooLargeError(headers={"Connection": "close"}, megabytes=self.most // 1_000_000)
            except Exception as error:
                self.failure = error
                raise
            more = message.get("more_body", False)
            if chunk:
                yield chunk

    async def _next(self) -> Message:
        """The next message, if it comes in time: only waiting for the client counts, not waiting for the service."""
        left = self.grace + self.size / self.rate - self.waited
        started = time.monotonic()
        try:
            async with asyncio.timeout(left):
                return await self.receive()
        except TimeoutError:
            raise UploadTooSlowError(headers={"Connection": "close"}) from None
        finally:
            self.waited += time.monotonic() - started


def body_of(scope: Scope, receive: Receive, headers: dict[str, str]) -> StreamedBody:
    """The body of a request that carries a file; its length goes on where the client tells it.

    Raises FileTooLargeError and UnsupportedMediaTypeError for what can be refused by its headers.
    """
    given = dict(scope["headers"])
    if b"content-encoding" in given:
        raise UnsupportedMediaTypeError
    length = given.get(CONTENT_LENGTH, b"")
    if length:
        if not length.isdigit() or len(length) > 12 or int(length) > MAX_FILE:
            far = (
                not length.isdigit() or len(length) > 8
            )  # the server reads and drops the rest of what is only too large
            raise BodyTooLargeError(headers={"Connection": "close"} if far else None, megabytes=MAX_FILE // 1_000_000)
        headers["Content-Length"] = length.decode()
    return StreamedBody(receive)


def file_headers(status: int, upstream: Sequence[Header], out: Sequence[Header], own: Sequence[Header]) -> list[Header]:
    """The headers of an answer that is streamed: those of every answer; a file is besides never shown, never kept."""
    sizes = [(CONTENT_LENGTH, value) for name, value in upstream if name.lower() == CONTENT_LENGTH]
    named = [(DISPOSITION, value) for name, value in upstream if name.lower() == DISPOSITION]
    if status != 200 or not named or not named[0][1].startswith(b"attachment;"):
        return [*out, *sizes, *own]
    replaced = {SANDBOX[0], UNKEPT[0]}
    kept = [(name, value) for name, value in (*out, *own) if name not in replaced]
    return [*kept, *sizes, named[0], SANDBOX, UNKEPT]


async def hand_out(pieces: AsyncIterator[bytes], send: Send) -> None:
    """Send a body piece by piece; each waits until the client has taken the one before."""
    async for piece in pieces:
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})
