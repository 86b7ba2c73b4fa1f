"""A subscription as it is stored in its department's record."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Literal, Self

from services.routing.feed.models import feed_name
from shared.records import known_fields

MAX_SUBSCRIPTIONS = 10
"""The most subscriptions of a department."""
DeliveryKind = Literal["pull", "webhook"]
"""How messages are delivered."""
Mode = Literal["production", "test"]
"""Which messages are delivered: those of real requests, or invented ones for trying."""


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
    kind: DeliveryKind
    mode: Mode
    created_at: datetime
    url: str | None = None
    secrets: tuple[Secret, ...] = ()
    paused_at: datetime | None = None

    @property
    def is_webhook(self) -> bool:
        """Whether the portal sends its messages."""
        return self.kind == "webhook"

    @property
    def feed(self) -> str:
        """The feed whose messages it gets."""
        return feed_name(self.department, test=self.mode == "test")

    def live_secrets(self, now: datetime) -> list[str]:
        """The sealed secrets with which a message is signed, the newest first."""
        return [secret.sealed for secret in self.secrets if secret.until is None or now < secret.until]

    def with_secret(self, sealed: str, old_until: datetime | None) -> Self:
        """The same with a new secret; the one before ends at `old_until`, or now. A still older one ends now."""
        old = tuple(replace(secret, until=old_until) for secret in self.secrets[:1]) if old_until else ()
        return replace(self, secrets=(Secret(sealed), *old))

    def document(self) -> dict[str, Any]:
        """As it is stored in its department's record."""
        kept = {name: value for name, value in asdict(self).items() if value and name != "department"}
        return {**kept, "secrets": list(kept.get("secrets", ()))}

    @classmethod
    def of(cls, department: str, kept: Mapping[str, Any]) -> Self:
        """The subscription of a stored document."""
        live = tuple(Secret(**known_fields(Secret, one)) for one in kept.get("secrets", ()))
        return cls(**{**known_fields(cls, kept), "department": department, "secrets": live})


def new_id() -> str:
    """An id that nobody guesses, and that names no department."""
    return f"sub_{secrets.token_hex(12)}"


def found_in(subscriptions: Iterable[Subscription], wanted: str) -> Subscription | None:
    """The one with that id."""
    return next((one for one in subscriptions if one.id == wanted), None)
