"""The audit of administrative acts: entries numbered 1, 2, 3, each bound to the one before by a keyed hash."""

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from shared.records import known_fields
from shared.seal import BlindPurpose

FIRST = "0" * 64
"""In place of a previous hash in the first entry."""
Blind = Callable[[str, BlindPurpose], str]


class What(StrEnum):
    """The acts that are recorded."""

    MADE = "made"
    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    ROLE_CHANGED = "role_changed"
    MOVED = "moved"
    DISABLED = "disabled"
    ENABLED = "enabled"
    PASSWORD_RESET = "password_reset"  # the name of an act
    PASSWORD_CHANGED = "password_changed"
    TOTP_ENROLLED = "totp_enrolled"
    TOTP_REMOVED = "totp_removed"
    TOTP_RESET = "totp_reset"
    RECOVERY_USED = "recovery_used"
    LOOKED_UP = "looked_up"
    REGISTERED = "registered"
    VERIFIED = "verified"
    DEPARTMENT_MADE = "department_made"
    DEPARTMENT_CHANGED = "department_changed"
    DEPARTMENT_ACCESS_RENEWED = "department_access_renewed"
    SUBSCRIPTION_CHANGED = "subscription_changed"
    SERVICE_PUBLISHED = "service_published"
    SERVICE_WITHDRAWN = "service_withdrawn"
    RULES_PUBLISHED = "rules_published"


ABOUT_CITIZENS = frozenset({What.LOOKED_UP, What.REGISTERED, What.VERIFIED})
"""Acts whose `of` is a citizen; auditors do not see which citizen."""


@dataclass(frozen=True)
class AuditedAct:
    """One administrative act: account `by` did `what` to account `of`; `details` holds no personal data.

    For acts about departments, `of` is None and the department's code is in `details`.
    """

    id: str
    at: datetime
    what: What
    by: str
    of: str | None
    details: dict[str, str] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """The act as stored in a document."""
        return asdict(self) | {"what": self.what.value}

    @classmethod
    def of_document(cls, kept: dict[str, Any]) -> "AuditedAct":
        """The act stored in a document."""
        return cls(**known_fields(cls, kept) | {"what": What(kept["what"])})


@dataclass(frozen=True)
class Entry:
    """An act in the chain, with its number, its hash and the hash before it."""

    n: int
    act: AuditedAct
    before: str
    hash: str


def entry_after(last: Entry | None, act: AuditedAct, blind: Blind) -> Entry:
    """The entry that follows the last one."""
    n, before = (last.n + 1, last.hash) if last else (1, FIRST)
    return Entry(n, act, before, _hash(n, act, before, blind))


def broken_at(entries: Iterable[Entry], last: Entry | None, blind: Blind) -> int | None:
    """The number of the first entry that is altered, missing or out of order; None if the chain is intact.

    `entries` are ordered by number and follow `last`, which is intact (None: they are the first).
    """
    n, before = (last.n, last.hash) if last else (0, FIRST)
    for entry in entries:
        if entry.n != n + 1 or entry.before != before:
            return n + 1
        if entry.hash != _hash(entry.n, entry.act, before, blind):
            return entry.n
        n, before = entry.n, entry.hash
    return None


def _hash(n: int, act: AuditedAct, before: str, blind: Blind) -> str:
    at = int(act.at.timestamp() * 1000)  # the store keeps milliseconds
    hashed = [n, act.id, at, act.what.value, act.by, act.of, sorted(act.details.items()), before]
    return blind(json.dumps(hashed, ensure_ascii=False, separators=(",", ":")), BlindPurpose.AUDIT)
