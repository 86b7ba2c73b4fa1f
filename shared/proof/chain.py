"""How the steps of a history are bound to each other: each carries a hash over itself and the hash before it.

The encoding is that of RFC 8785 (JCS) for objects of texts, whole numbers, booleans, null, lists and objects whose
names are ASCII; moments are RFC 3339 texts in UTC with milliseconds.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

STEP = ("n", "action", "who", "at", "noted_at", "from", "to")
"""What a proof shows of a step; `details` is the hash of everything else."""


@dataclass(frozen=True)
class Break:
    """Something that is not as it was written: entry `n`, and what of it."""

    n: int
    what: str


def canonical(value: object) -> bytes:
    """The one encoding of a value that all hashes are made over."""
    return ENCODER.encode(value).encode()


def digest(value: object) -> str:
    """SHA-256 (hex) of the canonical encoding."""
    return hashlib.sha256(canonical(value)).hexdigest()


def moment_text(at: Any) -> Any:
    """A moment as text; anything else (a proof holds texts already) as it is."""
    if not isinstance(at, datetime):
        return at
    aware = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    return aware.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def link_hash(number: str, previous: str, link: Mapping[str, Any]) -> str:
    """The hash of an entry of a request, after the entry with the hash `previous`."""
    return digest({**link, "number": number, "previous": previous})


def link_breaks(number: str, links: Sequence[Mapping[str, Any]]) -> list[Break]:
    """Every place where the links of a proof, each with its `hash`, are not what was written."""
    found, previous = [], ""
    for place, link in enumerate(links, 1):
        shown = {name: link.get(name) for name in (*STEP, "details")}
        if link.get("n") != place:
            found.append(Break(place, "order"))
        if link.get("hash") != link_hash(number, previous, shown):
            found.append(Break(place, "altered"))
        previous = str(link.get("hash", ""))  # one altered entry is one finding, not all that follow
    return found


def _moment(value: object) -> str:
    if isinstance(value, datetime):
        return str(moment_text(value))
    raise TypeError(f"{type(value).__name__} cannot stand in a history")


ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_moment)
