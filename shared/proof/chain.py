"""The hash chain of a history: each step has a hash over itself and the hash before it.

The encoding is that of RFC 8785 (JCS), for texts, integers, booleans, null, lists and objects with ASCII names; times
are RFC 3339 texts in UTC with milliseconds.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

STEP = ("n", "action", "who", "at", "noted_at", "from", "to")
"""The fields of a step in a proof; `details` is the hash of all others."""


@dataclass(frozen=True)
class Break:
    """A step that differs from what was written: its number, and what differs."""

    n: int
    what: str


def canonical(value: object) -> bytes:
    """The canonical encoding of a value, over which all hashes are computed."""
    return ENCODER.encode(value).encode()


def digest(value: object) -> str:
    """SHA-256 (hex) of the canonical encoding."""
    return hashlib.sha256(canonical(value)).hexdigest()


def moment_text(at: Any) -> Any:
    """A time as text; any other value (a proof already has texts) unchanged."""
    if not isinstance(at, datetime):
        return at
    aware = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    return aware.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def link_hash(number: str, previous: str, link: Mapping[str, Any]) -> str:
    """The hash of an entry of a request's history that follows the entry with the hash `previous`."""
    return digest({**link, "number": number, "previous": previous})


def link_breaks(number: str, links: Sequence[Mapping[str, Any]]) -> list[Break]:
    """All differences between the links of a proof, each with its `hash`, and what was written."""
    found, previous = [], ""
    for number_of_step, link in enumerate(links, 1):
        hashed = {name: link.get(name) for name in (*STEP, "details")}
        if link.get("n") != number_of_step:
            found.append(Break(number_of_step, "order"))
        if link.get("hash") != link_hash(number, previous, hashed):
            found.append(Break(number_of_step, "altered"))
        previous = str(link.get("hash", ""))  # one altered entry is one finding, without all that follow
    return found


def _moment(value: object) -> str:
    if isinstance(value, datetime):
        return str(moment_text(value))
    raise TypeError(f"{type(value).__name__} cannot be part of a history")


ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_moment)
