"""What each answer and body about queues holds; `services/routing/examples.yaml` has an example of each."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError
from typing_extensions import TypedDict

from shared.clock import TimeText
from shared.jsonbody import Body

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", min_length=2, max_length=30)]
Kind = Literal["production", "test"]


class QueueStanding(TypedDict):
    """One queue of a department, and how it stands; counts are null while the broker does not answer."""

    name: str | None
    """Null for the department's own queue."""
    kind: Kind
    queue: str
    user: str
    password_at: TimeText | None
    old_until: TimeText | None
    """Until when the previous password is valid too."""
    messages: int | None
    """Messages that nobody has acknowledged yet, delivered or not."""
    consumers: int | None
    dead_letters: int | None
    oldest_at: TimeText | None
    """Since about when the oldest of them waits."""


class QueueStandings(TypedDict):
    """The queues of a department, its own first, and the numbers of its messages that can be sent again."""

    department: str
    queues: list[QueueStanding]
    oldest: int
    newest: int


class ReplayResult(TypedDict):
    """What was sent again. With `more`, continue after `upto`."""

    queue: str
    sent: int
    upto: int
    more: bool


class SampleResult(TypedDict):
    """The invented messages that were sent: the numbers in the feed for tests, and to which queues."""

    sent: int
    first: int
    last: int
    queues: list[str]


class QueueEntry(Body):
    """A new queue beside the department's own; `test`: it gets invented messages only."""

    name: Name
    kind: Kind = "production"


class ReplayStart(Body):
    """From where messages come again: after a number, or from a time on."""

    after: Annotated[int, Field(ge=0, le=10**12)] | None = Field(
        None, description="the last number that is not to come again"
    )
    since: Annotated[datetime, Field(strict=False)] | None = Field(
        None, description="what was stored at this time or later comes again"
    )

    @model_validator(mode="after")
    def check_one(self) -> Self:
        """Exactly one of `after` and `since`."""
        if (self.after is None) == (self.since is None):
            raise PydanticCustomError("required", "refused")
        if self.since is not None and self.since.tzinfo is None:
            raise PydanticCustomError("invalid", "refused")
        return self

    @property
    def start(self) -> int | datetime:
        """The number or the time."""
        start = self.since if self.after is None else self.after
        assert start is not None  # checked above
        return start


class QueueReplay(ReplayStart):
    """From where messages are sent again, and to which queue."""

    queue: Name | None = Field(None, description="the name of a further queue; the department's own without it")
