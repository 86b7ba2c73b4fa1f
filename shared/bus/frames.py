"""Encoding and decoding of messages as AMQP frames, several times faster than the client library.

Only for flat header tables of texts and integers, as our messages have; anything else goes through `pamqp`.
"""

import struct
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from pamqp import constants, encode, frame
from pamqp.commands import Basic
from pamqp.header import ContentHeader

from shared.bus.untrusted import MAX_HEADERS, PROPERTIES, UNDECODABLE, fit_header

BODY_FRAME = 100_000
"""Bytes of body in one frame; brokers grant 131,072 with the frame around it."""
FRAME = struct.Struct(">BHI")
HEADER = struct.Struct(">HHQH")
LONG = struct.Struct(">I")
END = constants.FRAME_END_CHAR
TEXT, NUMBERS = ord("S"), {ord("b"): 1, ord("s"): 2, ord("I"): 4, ord("l"): 8}
FLAGS = Basic.Properties.flags
KEPT = ("message_id", "user_id", "reply_to", "correlation_id")
JSON_MESSAGE = FLAGS["content_type"] | FLAGS["headers"] | FLAGS["delivery_mode"] | FLAGS["message_id"]


@dataclass(frozen=True, slots=True)
class Message:
    """A message for an exchange ("" with a queue's name as key goes to that queue)."""

    exchange: str
    key: str
    body: bytes
    message_id: str
    """Unique among the messages in flight: the broker's returns are matched by it."""
    headers: dict[str, Any] = field(default_factory=dict)
    correlation_id: str | None = None
    persistent: bool = True
    mandatory: bool = True
    content_type: str = "application/json"


@dataclass(slots=True)
class Head:
    """The parts of a message's header frame that we use."""

    body_size: int
    headers: dict[str, Any]
    message_id: str | None
    user_id: str | None
    reply_to: str | None = None
    correlation_id: str | None = None


def frames_of(message: Message, channel: int) -> bytes:
    """The AMQP frames of a message: method, header, body. Raises ValueError for what AMQP cannot carry."""
    body = message.body
    pieces = [body[start : start + BODY_FRAME] for start in range(0, len(body), BODY_FRAME)]
    return b"".join(
        [
            _publish(message.exchange, message.key, message.mandatory, channel),
            _frame(constants.FRAME_HEADER, channel, _header(message)),
            *(_frame(constants.FRAME_BODY, channel, piece) for piece in pieces),
        ]
    )


def read_head(payload: bytes) -> Head:
    """The content of a header frame. What cannot be decoded is left out and named, as in `fit_header`."""
    try:
        return _read_plain(payload)
    except UNDECODABLE:
        header = ContentHeader()
        header.unmarshal(fit_header(payload))
        properties = header.properties
        return Head(
            header.body_size,
            dict(properties.headers or {}),
            properties.message_id,
            properties.user_id,
            properties.reply_to,
            properties.correlation_id,
        )


@lru_cache(maxsize=256)
def _publish(exchange: str, key: str, mandatory: bool, channel: int) -> bytes:
    return frame.marshal(Basic.Publish(exchange=exchange, routing_key=key, mandatory=mandatory), channel)


def _frame(kind: int, channel: int, payload: bytes) -> bytes:
    return FRAME.pack(kind, channel, len(payload)) + payload + END


def _header(message: Message) -> bytes:
    correlation = message.correlation_id
    flags = JSON_MESSAGE if correlation is None else JSON_MESSAGE | FLAGS["correlation_id"]
    return b"".join(
        [
            HEADER.pack(Basic.frame_id, 0, len(message.body), flags),
            _name(message.content_type),
            _table(message.headers),
            b"\x02" if message.persistent else b"\x01",
            b"" if correlation is None else _short(correlation),
            _short(message.message_id),
        ]
    )


def _short(text: str) -> bytes:
    encoded = text.encode()
    return bytes([len(encoded)]) + encoded


_name = lru_cache(maxsize=256)(_short)


def _table(headers: dict[str, Any]) -> bytes:
    entries = []
    for name, value in headers.items():
        if type(value) is str:
            encoded = value.encode()
            entries += [_name(name), b"S", LONG.pack(len(encoded)), encoded]
        elif type(value) is int:
            entries += [_name(name), encode.table_integer(value)]
        else:
            return bytes(encode.field_table(headers))
    table = b"".join(entries)
    return LONG.pack(len(table)) + table


@lru_cache(maxsize=256)
def _present(flags: int) -> tuple[tuple[str, str], ...]:
    return tuple((name, kind) for name, flag, kind in PROPERTIES if flags & flag)


def _read_plain(payload: bytes) -> Head:
    """Raises one of UNDECODABLE for a head that is not plain."""
    _, _, body_size, flags = HEADER.unpack_from(payload)
    head = Head(body_size, {}, None, None)
    at = HEADER.size
    for name, kind in _present(flags):
        if kind == "shortstr":
            end = at + 1 + payload[at]
            text = payload[at + 1 : end].decode()
            if name in KEPT:
                setattr(head, name, text)
        elif kind == "table":
            end = at + 4 + int.from_bytes(payload[at : at + 4])
            head.headers = _read_table(payload, at + 4, end)
        elif kind == "octet":
            end = at + 1
        else:
            raise ValueError("not plain")
        at = end
    return head


def _read_table(payload: bytes, at: int, end: int) -> dict[str, Any]:
    if end - at > MAX_HEADERS:
        raise ValueError("too long")
    table: dict[str, Any] = {}
    while at < end:
        start = at + 1
        at = start + payload[at]
        name = payload[start:at].decode()
        kind = payload[at]
        if kind == TEXT:
            start = at + 5
            at = start + int.from_bytes(payload[at + 1 : start])
            table[name] = payload[start:at].decode()
        else:
            start = at + 1
            at = start + NUMBERS[kind]
            table[name] = int.from_bytes(payload[start:at], signed=True)
    if at != end:
        raise ValueError("not plain")
    return table
