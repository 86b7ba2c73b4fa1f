"""The stream that the AMQP client reads from, which intercepts messages and confirms.

The client makes objects, a queue entry and a task of each message, which took a third of a service's time. So frames
are split here; deliveries go straight to `receive`, confirms and returns to `confirms`. All other frames are passed
to the client, checked by `fit_header`.
"""

import asyncio
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import aiormq.abc
from aiormq.connection import TCPTransportFactory, TLSTransportFactory, TransportFactory
from pamqp import constants, frame
from pamqp.commands import Basic
from pamqp.heartbeat import Heartbeat
from yarl import URL

from shared.bus.confirms import Confirms
from shared.bus.frames import END, FRAME, Head, read_head
from shared.bus.untrusted import fit_header

CHUNK = 256 * 1024
ALIVE_EVERY = 1.0
"""Seconds after which the client gets a heartbeat, where all real frames were intercepted."""
ALIVE = frame.marshal(Heartbeat(), 0)
METHOD = struct.Struct(">HH")
TAG = struct.Struct(">QB")
DELIVER, RETURN, ACK, NACK = (
    METHOD.pack(Basic.frame_id, method.frame_id) for method in (Basic.Deliver, Basic.Return, Basic.Ack, Basic.Nack)
)


@dataclass(slots=True)
class IncomingMessage:
    """A message as the broker delivered it."""

    tag: int
    redelivered: bool
    exchange: str
    routing_key: str
    headers: dict[str, Any]
    message_id: str | None
    user_id: str | None
    body: bytes
    reply_to: str | None = None
    correlation_id: str | None = None


@dataclass(frozen=True)
class Readers:
    """Receivers of deliveries and confirms; bodies longer than `max_body` arrive empty."""

    receive: Callable[[IncomingMessage], None] | None = None
    confirms: Confirms | None = None
    max_body: int | None = None


class Frames:
    """Reads frames in large chunks, intercepts messages and confirms, and passes on the rest frame by frame."""

    def __init__(self, stream: asyncio.StreamReader, readers: Readers) -> None:
        self._stream = stream
        self._readers = readers
        self._intercepted = {DELIVER} if readers.receive else set()
        self._intercepted |= {RETURN, ACK, NACK} if readers.confirms else set()
        self._buffer = b""
        self._at = 0
        self._frame = b""
        self._alive = time.monotonic()
        self._method = b""
        """The method frame of the message that is being read."""
        self._head: Head | None = None
        self._body: list[bytes] = []
        self._left = 0

    def at_eof(self) -> bool:
        """Whether there is nothing more to read; called between frames."""
        return self._at == len(self._buffer) and self._stream.at_eof()

    async def readexactly(self, count: int) -> bytes:
        """The next bytes; the client never asks for more than the rest of a frame. Raises IncompleteReadError."""
        if not self._frame:
            self._frame = await self._next()
        piece, self._frame = self._frame[:count], self._frame[count:]
        return piece

    async def _next(self) -> bytes:
        """The next frame for the client."""
        heard = False
        while not (found := self._cut()):
            if heard and time.monotonic() - self._alive >= ALIVE_EVERY:
                found = ALIVE
                break
            piece = await self._stream.read(CHUNK)
            rest, self._at = self._buffer[self._at :], 0
            self._buffer = rest + piece if piece else b""
            if not piece:
                raise asyncio.IncompleteReadError(rest, None)
            heard = True
        self._alive = time.monotonic()
        return found

    def _cut(self) -> bytes:
        """The next frame for the client in the buffer; intercepts the others. Empty where there is none yet."""
        while self._at + FRAME.size <= len(self._buffer):
            start = self._at
            kind, _, size = FRAME.unpack_from(self._buffer, start)
            end = start + FRAME.size + size + 1
            if end > len(self._buffer):
                break
            self._at = end
            payload = self._buffer[start + FRAME.size : end - 1]
            if not self._intercept(kind, payload):
                return fit(kind, self._buffer[start:end])
        return b""

    def _intercept(self, kind: int, payload: bytes) -> bool:
        """Handle a frame; False for one that the client gets."""
        if kind == constants.FRAME_METHOD:
            if payload[:4] not in self._intercepted:
                return False
            if payload[:4] in (ACK, NACK):
                self._confirm(payload)
            else:
                self._method = payload
        elif not self._method or kind == constants.FRAME_HEARTBEAT:
            return False
        elif kind == constants.FRAME_HEADER:
            self._begin(read_head(payload))
        else:
            self._add(payload)
        return True

    def _begin(self, head: Head) -> None:
        self._head, self._left = head, head.body_size
        if not self._left:
            self._end()

    def _add(self, piece: bytes) -> None:
        self._left -= len(piece)
        assert self._head is not None
        if self._readers.max_body is None or self._head.body_size <= self._readers.max_body:
            self._body.append(piece)
        if self._left <= 0:
            self._end()

    def _end(self) -> None:
        """Hand over a message whose frames are all read."""
        method, self._method = self._method, b""
        body, self._body = self._body, []
        assert self._head is not None
        if method[:4] == RETURN:
            assert self._readers.confirms is not None
            self._readers.confirms.returned(self._head.message_id)
            return
        assert self._readers.receive is not None
        self._readers.receive(received(method, self._head, b"".join(body)))

    def _confirm(self, payload: bytes) -> None:
        assert self._readers.confirms is not None
        tag, flags = TAG.unpack_from(payload, METHOD.size)
        self._readers.confirms.confirmed(tag, multiple=bool(flags & 1), safe=payload[:4] == ACK)


class InterceptingTransport(TransportFactory):
    """Connects as the client's own transport does, and puts `Frames` in front."""

    def __init__(self, readers: Readers) -> None:
        self._readers = readers

    async def create(self, url: URL, **kwargs: Any) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Connect to the broker."""
        transport = TLSTransportFactory() if url.scheme == "amqps" else TCPTransportFactory()
        reader, writer = await transport.create(url, **kwargs)
        return cast(asyncio.StreamReader, Frames(reader, self._readers)), writer


async def never(message: aiormq.abc.DeliveredMessage) -> None:
    """The client's callback, never called: deliveries are intercepted."""


def fit(kind: int, encoded: bytes) -> bytes:
    """The frame, made decodable for the client."""
    if kind != constants.FRAME_HEADER:
        return encoded
    payload = fit_header(encoded[FRAME.size : -1])
    return FRAME.pack(kind, FRAME.unpack_from(encoded)[1], len(payload)) + payload + END


def received(method: bytes, head: Head, body: bytes) -> IncomingMessage:
    """The message of a `basic.deliver`."""
    at = METHOD.size + 1 + method[METHOD.size]  # past the consumer's tag
    tag, redelivered = TAG.unpack_from(method, at)
    at += TAG.size
    middle = at + 1 + method[at]
    exchange = method[at + 1 : middle].decode(errors="replace")
    key = method[middle + 1 : middle + 1 + method[middle]].decode(errors="replace")
    return IncomingMessage(
        tag,
        bool(redelivered & 1),
        exchange,
        key,
        head.headers,
        head.message_id,
        head.user_id,
        body,
        head.reply_to,
        head.correlation_id,
    )
