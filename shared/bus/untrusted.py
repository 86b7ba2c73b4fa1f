"""Headers of messages that departments write: they are checked before they are decoded.

A message whose properties cannot be decoded would be redelivered for ever and block the queue. So it is passed on
without its properties, except sender and id, and marked `x-rabta-unreadable`; a too long body is passed on empty.
"""

import struct
from typing import Any

from pamqp import decode
from pamqp.commands import Basic
from pamqp.header import ContentHeader

UNREADABLE = "x-rabta-unreadable"
MAX_HEADERS = 4_096
"""Bytes of a message's header table: decoding time grows with the square of its length."""
MAX_LEVELS = 5
"""Nesting of tables and lists; the broker itself adds `x-death`, tables in a list in the table."""
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
"""What the decoder raises on malformed values."""
START = struct.Struct(">HHQH")


def fit_header(payload: bytes) -> bytes:
    """The content of a header frame as it is, or without its properties if one of them cannot be decoded."""
    _, _, body_size, flags = START.unpack_from(payload)
    at = START.size
    values: dict[str, Any] = {}
    broken: list[str] = []
    for name, flag, kind in PROPERTIES:
        if flags & flag:
            size = _size(payload, at, kind)
            try:
                values[name] = _value(payload[at : at + size], kind)
            except UNDECODABLE:
                broken.append(name)
            at += size
    if not broken:
        return payload
    properties = Basic.Properties(
        message_id=values.get("message_id"), user_id=values.get("user_id"), headers={UNREADABLE: " ".join(broken)}
    )
    return ContentHeader(body_size=body_size, properties=properties).marshal()


def _size(payload: bytes, at: int, kind: str) -> int:
    """How many bytes a property takes; the broker never sends inconsistent lengths."""
    if kind == "shortstr":
        return 1 + int.from_bytes(payload[at : at + 1])
    if kind == "table":
        return 4 + int.from_bytes(payload[at : at + 4])
    return FIXED_SIZES[kind]


def _value(encoded: bytes, kind: str) -> Any:
    """The value of a property. Raises one of UNDECODABLE, also for a table that is too long or too deep."""
    if kind == "table" and len(encoded) > MAX_HEADERS:
        raise ValueError("too long")
    value = decode.by_type(encoded, kind)[1]
    if not _is_flat(value, MAX_LEVELS):
        raise ValueError("too deep")  # the client would decode it with less stack left
    return value


def _is_flat(value: Any, levels: int) -> bool:
    inner = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    return levels > 0 and all(_is_flat(item, levels - 1) for item in inner)
