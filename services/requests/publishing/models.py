"""What is published of a request, as pure rules; and partners, whose apps file requests for people."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.requests.request.models.lifecycle import State
from services.requests.request.models.request import Request

CLOSED = frozenset({State.INELIGIBLE, State.RESOLVED, State.CONFIRMED, State.CLOSED, State.WITHDRAWN, State.DUPLICATE})
"""States in which a request is closed for the public; a disputed one is open again."""
OPEN = frozenset(State) - CLOSED
DECIMALS = 3
"""Decimal places of published points: about a hundred metres."""


@dataclass(frozen=True, slots=True)
class PublicQuery:
    """Published requests to be listed: of some services, open or closed, filed from `since` and before `until`."""

    services: tuple[str, ...] = ()
    open: bool | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def states(self) -> frozenset[State]:
        """The states asked for."""
        return frozenset(State) if self.open is None else OPEN if self.open else CLOSED


@dataclass(frozen=True, slots=True)
class PublicStep:
    """A step of a published request: whose, and the entry of its history."""

    public_id: str
    service: str
    entry: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Partner:
    """One document of `partners`: an organisation whose app files requests. Its key is stored as a hash."""

    id: str
    name: str
    key_hash: str = field(repr=False)
    made_at: datetime
    made_by: str
    key_at: datetime
    """When its key was made."""
    ended_at: datetime | None = None
    old_key_hash: str | None = field(default=None, repr=False)
    old_until: datetime | None = None
    """Until when the key before is valid too."""


def is_open(state: str) -> bool:
    """Whether a request in this state is open for the public."""
    return State(state) in OPEN


def rough_point(request: Request) -> tuple[float, float] | None:
    """The published latitude and longitude."""
    if request.point is None:
        return None
    return round(request.point["latitude"], DECIMALS), round(request.point["longitude"], DECIMALS)


def expected_at(request: Request) -> datetime | None:
    """When it is expected to be done, as its department says."""
    return request.delayed_until or request.due_at
