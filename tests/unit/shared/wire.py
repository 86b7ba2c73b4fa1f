"""AMQP as bytes, for the tests of what reads and writes it."""

import struct
from typing import Any

from hypothesis import strategies as st
from pamqp import frame
from pamqp.commands import Basic

from shared.bus.untrusted import PROPERTIES

SHORT = st.binary(max_size=255).map(lambda text: bytes([len(text)]) + text)
ENTRY = st.builds(
    lambda name, kind, value: bytes([len(name)]) + name + kind + value,
    st.binary(max_size=4),
    st.sampled_from([bytes([kind]) for kind in b"tbBsuIilLfdDSATFVx\x00?"]),
    st.binary(max_size=12),
)
TABLE = st.lists(ENTRY, max_size=5).map(b"".join).map(lambda entries: len(entries).to_bytes(4) + entries)
VALUES = {
    "shortstr": SHORT,
    "table": TABLE,
    "octet": st.binary(min_size=1, max_size=1),
    "timestamp": st.binary(min_size=8, max_size=8),
}
ANY_PROPERTIES = st.fixed_dictionaries({}, optional={name: VALUES[kind] for name, _, kind in PROPERTIES})


def header_of(parts: dict[str, bytes], body_size: int = 0) -> bytes:
    """The content of a header frame with these properties as raw bytes."""
    flags = sum(flag for name, flag, _ in PROPERTIES if name in parts)
    values = b"".join(parts[name] for name, _, _ in PROPERTIES if name in parts)
    return struct.pack(">HHQH", Basic.frame_id, 0, body_size, flags) + values


def parts_of(payload: bytes) -> list[Any]:
    """The frames in what was written."""
    parts = []
    while payload:
        size, _, part = frame.unmarshal(payload)
        parts.append(part)
        payload = payload[size:]
    return parts
