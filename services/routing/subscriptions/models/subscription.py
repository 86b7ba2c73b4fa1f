"""A subscription as it is stored in its department's record."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

MAX_SUBSCRIPTIONS = 10
"""The most subscriptions of a department."""


class SubscriptionKind(StrEnum):
    """How its messages are delivered."""

    PULL = "pull"
    WEBHOOK = "webhook"


class Mode(StrEnum):
    """Which messages it gets: those of real requests, or invented ones for trying."""

    PRODUCTION = "production"
    TEST = "test"


@dataclass(frozen=True)
class Secret:
    """A sealed secret of a webhook; `until`: when it ends, None for the newest."""

    sealed: str
    until: datetime | None = None


@dataclass(frozen=True)
class Subscription:
    """One subscription of a department. `paused_at`: a person paused it."""

    id: str
    department: str
    name: str
    kind: SubscriptionKind
    mode: Mode
    created_at: datetime
    url: str | None = None
    secrets: tuple[Secret, ...] = ()
    paused_at: datetime | None = None

    @property
    def is_webhook(self) -> bool:
        """Whether the portal sends its messages."""
        return self.kind is SubscriptionKind.WEBHOOK

    def live_secrets(self, now: datetime) -> list[str]:
        """The sealed secrets with which a message is signed, the newest first."""
        return [secret.sealed for secret in self.secrets if secret.until is None or now < secret.until]

    def with_secret(self, sealed: str, old_until: datetime | None) -> Self:
        """The same with a new secret; the one before ends at `old_until`, or now. A still older one ends now."""
        old = tuple(replace(secret, until=old_until) for secret in self.secrets[:1]) if old_until else ()
        return replace(self, secrets=(Secret(sealed), *old))

    def document(self) -> dict[str, Any]:
        """As it is stored in its department's record."""
        kept = {"id": self.id, "name": self.name, "kind": str(self.kind), "mode": str(self.mode)}
        optional: dict[str, Any] = {"url": self.url, "paused_at": self.paused_at}
        optional["secrets"] = [{"sealed": one.sealed, "until": one.until} for one in self.secrets]
        return {**kept, "created_at": self.created_at, **{name: value for name, value in optional.items() if value}}

    @classmethod
    def of(cls, department: str, kept: Mapping[str, Any]) -> Self:
        """The subscription of a stored document."""
        return cls(
            id=kept["id"],
            department=department,
            name=kept["name"],
            kind=SubscriptionKind(kept["kind"]),
            mode=Mode(kept["mode"]),
            created_at=kept["created_at"],
            url=kept.get("url"),
            secrets=tuple(Secret(one["sealed"], one.get("until")) for one in kept.get("secrets", ())),
            paused_at=kept.get("paused_at"),
        )


def new_id() -> str:
    """An id that nobody guesses, and that names no department."""
    return f"sub_{secrets.token_hex(12)}"


def found_in(subscriptions: Iterable[Subscription], wanted: str) -> Subscription | None:
    """The one with that id."""
    return next((one for one in subscriptions if one.id == wanted), None)
