"""Files are streamed: never whole in memory, no faster than the receiver reads, and cut off if the sender is too slow.

An error in the middle of a body closes the connection to the service, which then keeps nothing.
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
"""Bytes of a body. The service has the exact limit; this one only stops bodies far beyond it."""
GRACE = 10.0
SLOWEST_RATE = 2 * 1024
"""Bytes a second that a sender must reach on average, after GRACE seconds: less than 2G (GPRS) gives."""
DISPOSITION = b"content-disposition"
CONTENT_LENGTH = b"content-length"
SANDBOX = (b"content-security-policy", b"default-src 'none'; sandbox")
NO_STORE = (b"cache-control", b"private, no-store")


class BodyTooLargeError(TooLargeError, code="file-too-large"):
    """The body is larger than any file may be."""


class UploadTooSlowError(Problem, code="upload-too-slow", status=408):
    """The sender stopped, or is slower than any phone."""


class ClientGoneError(Exception):
    """The client closed the connection before its request was complete."""


@dataclass
class StreamedBody:
    """A client's body in chunks; `failure` is the error that ended it early."""

    receive: Receive
    max_bytes: int = MAX_FILE
    grace: float = GRACE
    rate: float = SLOWEST_RATE
    size: int = 0
    waited: float = 0.0
    failure: Exception | None = field(default=None)

    async def chunks(self) -> AsyncIterator[bytes]:
        """The chunks of the body. Raises the error that it stores in `failure`."""
        more = True
        while more:
            try:
                message = await self._next()
                if message["type"] == "http.disconnect":
                    raise ClientGoneError
                chunk: bytes = message.get("body", b"")
                self.size += len(chunk)
                if self.size > self.max_bytes:
                    raise BodyTooLargeError(headers={"Connection": "close"}, megabytes=self.max_bytes // 1_000_000)
            except Exception as error:
                self.failure = error
                raise
            more = message.get("more_body", False)
            if chunk:
                yield chunk

    async def _next(self) -> Message:
        """The next message, if it comes in time: only the time spent waiting for the client counts."""
        left = self.grace + self.size / self.rate - self.waited
        started = time.monotonic()
        try:
            async with asyncio.timeout(left):
                return await self.receive()
        except TimeoutError:
            raise UploadTooSlowError(headers={"Connection": "close"}) from None
        finally:
            self.waited += time.monotonic() - started


def streamed_body(scope: Scope, receive: Receive, headers: dict[str, str]) -> StreamedBody:
    """The body of a request with a file; adds its Content-Length to `headers` if the client sent one.

    Raises BodyTooLargeError and UnsupportedMediaTypeError if the headers are reason enough.
    """
    received = dict(scope["headers"])
    if b"content-encoding" in received:
        raise UnsupportedMediaTypeError
    length = received.get(CONTENT_LENGTH, b"")
    if length:
        if not length.isdigit() or len(length) > 12 or int(length) > MAX_FILE:
            # A body that is only a little too large is read and dropped by the server, so the connection can stay.
            close = not length.isdigit() or len(length) > 8
            raise BodyTooLargeError(headers={"Connection": "close"} if close else None, megabytes=MAX_FILE // 1_000_000)
        headers["Content-Length"] = length.decode()
    return StreamedBody(receive)


def file_headers(status: int, upstream: Sequence[Header], out: Sequence[Header], own: Sequence[Header]) -> list[Header]:
    """The headers of a streamed response. A file is always to be saved, never shown in the browser nor cached."""
    sizes = [(CONTENT_LENGTH, value) for name, value in upstream if name.lower() == CONTENT_LENGTH]
    named = [(DISPOSITION, value) for name, value in upstream if name.lower() == DISPOSITION]
    if status != 200 or not named or not named[0][1].startswith(b"attachment;"):
        return [*out, *sizes, *own]
    replaced = {SANDBOX[0], NO_STORE[0]}
    kept = [(name, value) for name, value in (*out, *own) if name not in replaced]
    return [*kept, *sizes, named[0], SANDBOX, NO_STORE]


async def send_chunks(chunks: AsyncIterator[bytes], send: Send) -> None:
    """Send a body chunk by chunk, each when the client has received the one before."""
    async for chunk in chunks:
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b""})
