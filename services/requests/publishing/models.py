"""What is published of a request, as pure rules; and partners, whose apps file requests for people."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from services.requests.request.models.lifecycle import State
from services.requests.request.models.request import Request
from shared.clock import zoned
from shared.paging import MAX_CURSOR
from shared.spelling import AS_CODE

CLOSED = frozenset({State.INELIGIBLE, State.RESOLVED, State.CONFIRMED, State.CLOSED, State.WITHDRAWN, State.DUPLICATE})
"""States in which a request is closed for the public; a disputed one is open again."""
OPEN = frozenset(State) - CLOSED
DECIMALS = 3
"""Decimal places of published points: about a hundred metres."""
MAX_PAGE, MAX_SKIP, MAX_IDS = 1000, 20_000, 100
ServiceCode = Annotated[str, Field(pattern=r"^[a-z0-9-]{3,60}$")]
PublicId = Annotated[str, Field(min_length=3, max_length=40), AS_CODE]
Time = Annotated[datetime, AfterValidator(zoned)]


class PublicQuery(BaseModel):
    """The query: services, open or closed ones, a time, and the page."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    service: Annotated[list[ServiceCode], Field(max_length=50)] = []
    status: Literal["open", "closed"] | None = None
    since: Time | None = Field(default=None, description="filed at this time or later")
    until: Time | None = Field(default=None, description="filed before this time")
    id: Annotated[list[PublicId], Field(max_length=MAX_IDS)] = Field(default=[], description="these ids, and no others")
    updates: Annotated[bool, Field(description="with the steps of each")] = False
    limit: Annotated[int, Field(ge=1, le=MAX_PAGE)] = 100
    cursor: Annotated[str | None, Field(max_length=MAX_CURSOR)] = None
    skip: Annotated[int, Field(ge=0, le=MAX_SKIP, description="for pages by number; prefer `cursor`")] = 0


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
