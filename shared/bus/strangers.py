"""Reading a queue that strangers write to, so that no message of theirs costs the connection or much time.

The client decodes the properties of a message while it reads frames, and gives up its connection over one that it
cannot decode; the broker would deliver that message again and again, and everybody else's on the queue would wait.
So each frame is looked at before the client gets it. A message with properties that cannot be decoded comes through
without them but for who sent it, marked `x-rabta-unreadable`; a body past the bound comes through empty.
"""

import asyncio
import struct
from typing import Any, cast

from aiormq.connection import TCPTransportFactory, TLSTransportFactory, TransportFactory
from pamqp import constants, decode, frame
from pamqp.commands import Basic
from pamqp.header import ContentHeader
from yarl import URL

UNREADABLE = "x-rabta-unreadable"
MAX_HEADERS = 4_096
"""Bytes of a message's table of headers: decoding one takes time by the square of its length."""
MAX_LEVELS = 5
"""Tables and lists in one another; the broker itself notes dead letters as tables in a list in the table."""
PROPERTIES = tuple(
    (name, Basic.Properties.flags[name], Basic.Properties.amqp_type(name)) for name in Basic.Properties.attributes()
)
FIXED_SIZES = {"octet": 1, "timestamp": 8}
UNDECODABLE = (
    ValueError,
    OverflowError,
    OSError,
    LookupError,
    TypeError,
    ArithmeticError,
    RecursionError,
    struct.error,
)
"""What the decoder raises, by the kind of nonsense."""
START = struct.Struct(">HHQH")


class FitFrames:
    """The stream that the client reads from, a frame at a time, each made fit for it."""

    def __init__(self, stream: asyncio.StreamReader, most_body: int | None) -> None:
        self._stream = stream
        self._most_body = most_body
        self._left_out: dict[int, int] = {}
        """Bytes of a body that are still to come and are not handed on, by channel."""
        self._frame = b""

    def at_eof(self) -> bool:
        """Whether there is nothing more to read; asked between frames."""
        return self._stream.at_eof()

    async def readexactly(self, count: int) -> bytes:
        """The next bytes; nobody asks for more than is left of a frame. Raises IncompleteReadError at the end."""
        while not self._frame:
            self._frame = await self._next()
        piece, self._frame = self._frame[:count], self._frame[count:]
        return piece

    async def _next(self) -> bytes:
        """The next frame as the client is to get it, empty when it is not to get it at all."""
        head = await self._stream.readexactly(constants.FRAME_HEADER_SIZE)
        kind, channel, size = frame.frame_parts(head)
        rest = await self._stream.readexactly((size or 0) + 1)
        if kind == constants.FRAME_BODY and self._left_out.get(channel, 0) > 0:
            self._left_out[channel] -= len(rest) - 1
            return b""
        if kind != constants.FRAME_HEADER:
            return head + rest
        payload = fit_header(rest[:-1])
        body_size = START.unpack_from(payload)[2]
        if self._most_body is not None and body_size > self._most_body:
            self._left_out[channel] = body_size
            payload = payload[:4] + bytes(8) + payload[12:]
        return struct.pack(">BHI", kind, channel, len(payload)) + payload + constants.FRAME_END_CHAR


class FitTransport(TransportFactory):
    """Connects as the client does by itself, and puts `FitFrames` between."""

    def __init__(self, most_body: int | None) -> None:
        self._most_body = most_body

    async def create(self, url: URL, **kwargs: Any) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Connect to the broker."""
        usual = TLSTransportFactory() if url.scheme == "amqps" else TCPTransportFactory()
        reader, writer = await usual.create(url, **kwargs)
        return cast(asyncio.StreamReader, FitFrames(reader, self._most_body)), writer


def fit_header(payload: bytes) -> bytes:
    """The content of a header frame as it is, or without its properties if one of them cannot be decoded."""
    _, _, body_size, flags = START.unpack_from(payload)
    at = START.size
    values: dict[str, Any] = {}
    spoilt: list[str] = []
    for name, flag, kind in PROPERTIES:
        if flags & flag:
            size = _size(payload, at, kind)
            try:
                values[name] = _value(payload[at : at + size], kind)
            except UNDECODABLE:
                spoilt.append(name)
            at += size
    if not spoilt:
        return payload
    properties = Basic.Properties(
        message_id=values.get("message_id"), user_id=values.get("user_id"), headers={UNREADABLE: " ".join(spoilt)}
    )
    return ContentHeader(body_size=body_size, properties=properties).marshal()


def _size(payload: bytes, at: int, kind: str) -> int:
    """How many bytes a property takes; the broker sends no header whose parts do not fit it."""
    if kind == "shortstr":
        return 1 + int.from_bytes(payload[at : at + 1])
    if kind == "table":
        return 4 + int.from_bytes(payload[at : at + 4])
    return FIXED_SIZES[kind]


def _value(encoded: bytes, kind: str) -> Any:
    """The value of a property. Raises one of UNDECODABLE, also for one that would take long or go deep."""
    if kind == "table" and len(encoded) > MAX_HEADERS:
        raise ValueError("too long")
    value = decode.by_type(encoded, kind)[1]
    if not _is_flat(value, MAX_LEVELS):
        raise ValueError("too deep")  # the client decodes it further down the stack than this
    return value


def _is_flat(value: Any, levels: int) -> bool:
    inner = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    return levels > 0 and all(_is_flat(item, levels - 1) for item in inner)
