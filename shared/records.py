"""A record: one document that holds a thing's state, its events, and what it has taken in from others.

State, dedupe mark and outgoing events of a record leave in one write of one document, and that is what the
delivery guarantees rest on (docs/adr/0001). How it is stored is the matter of `shared.mongo.records`.
"""

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from datetime import UTC, datetime
from functools import cache
from typing import Any, ClassVar, Protocol, Self, TypeVar, cast

from shared.envelope import Envelope
from shared.events import Event

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
"""The watermark of a consumer that nothing is settled for yet."""
PLUMBING = frozenset({"id", "rev", "seq", "emitted", "stored", "forget_to"})


@dataclass(kw_only=True, eq=False)
class Record:
    """State that changes one revision at a time; its events are numbered 1, 2, 3... in `seq`.

    After it was saved its state belongs to the store: load it again before changing it.
    """

    source: ClassVar[str]

    id: str
    rev: int = 0
    seq: int = 0
    inbox: dict[str, int] = field(default_factory=dict)
    parked: dict[str, dict[str, Any]] = field(default_factory=dict)
    emitted: list[Envelope] = field(default_factory=list)
    stored: dict[str, Any] = field(default_factory=dict, repr=False)
    forget_to: int = 0

    def emit(self, event: Event, at: datetime, queue: str | None = None) -> None:
        """Add `event`, which leaves with this record's next write; `queue` gets a copy of its own."""
        self.seq += 1
        body = event.model_dump_json(exclude_none=True).encode()
        self.emitted.append(Envelope(self.source, event.type, self.id, self.seq, at, body, queue))

    def forget_said(self) -> None:
        """Empty the bodies of all events until now, once every consumer has them; from the next write on."""
        self.forget_to = self.seq

    def fields(self) -> dict[str, Any]:
        """The fields that are stored as they are."""
        values = vars(self)
        return {name: values[name] for name in _field_names(cast(Hashable, type(self)))}

    def changed_fields(self) -> dict[str, Any]:
        """Those of the fields whose value is not what is stored. What is empty by default is not stored at all."""
        empty = _empty_fields(cast(Hashable, type(self)))
        return {
            name: value
            for name, value in self.fields().items()
            if (self.stored[name] != value if name in self.stored else name not in empty or value != empty[name])
        }

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        """The record in a stored document. Changing it in place does not change `stored`."""
        known = {name: document[name] for name in _field_names(cast(Hashable, cls)) if name in document}
        known |= {name: copy_of(value) for name, value in known.items() if isinstance(value, dict | list)}
        return cls(id=document["_id"], rev=document["rev"], seq=document["seq"], stored=dict(document), **known)


R = TypeVar("R", bound=Record)


@cache
def _field_names(kind: Hashable) -> tuple[str, ...]:
    """Names of the fields that are stored unchanged; the store maps the others itself."""
    return tuple(field.name for field in fields(cast(Any, kind)) if field.name not in PLUMBING)


@cache
def _empty_fields(kind: Hashable) -> dict[str, Any]:
    """The fields that are None, or an empty list or object, where nothing else is said; with that value."""
    defaults = {
        each.name: each.default if each.default_factory is MISSING else each.default_factory()
        for each in fields(cast(Any, kind))
        if each.name not in PLUMBING
    }
    return {name: default for name, default in defaults.items() if default is None or default in ([], {})}


def copy_of(value: Any) -> Any:
    """A deep copy of a document's value; several times faster than copy.deepcopy."""
    if isinstance(value, dict):
        return {key: copy_of(item) for key, item in value.items()}
    if isinstance(value, list):
        return [copy_of(item) for item in value]
    return value


class Records(Protocol[R]):
    """A store of one kind of record: the port that services, the inbox and the relay use."""

    async def get(self, record_id: str) -> R | None:
        """The record, or None."""

    async def load_many(self, ids: Collection[str]) -> dict[str, R]:
        """Those of the records that exist, by id."""

    async def load_lately(self, ids: Collection[str]) -> dict[str, R]:
        """As `load_many`, but records that this process wrote lately may be outdated."""

    async def taken_in(self, ids: Collection[str], source: str) -> dict[str, int]:
        """Those of the records that exist, each with the last seq of a source that it has taken in."""

    async def save_many(self, records: Sequence[R]) -> set[str]:
        """Write each record where its revision is still the stored one; the ids that lost the race."""


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits to be published: how many records, and the age in seconds of the oldest event; 0 when none waits."""

    records: int
    oldest: float


@dataclass(frozen=True, slots=True)
class Range:
    """Records that a consumer is asked for together: those stamped after `since` and up to `upto`.

    For each the seq that is settled, and the types of the events after it that the broker has confirmed. `full` when
    there may be more of them.
    """

    since: datetime
    upto: datetime
    records: dict[str, tuple[int, list[str]]]
    full: bool


class Outbox(Protocol):
    """What the relay and the settlement need of a store."""

    async def backlog(self) -> Backlog:
        """What waits to be published now."""

    async def claim_unsent(self, limit: int) -> list[Envelope]:
        """Events that were not confirmed in time, leased to this caller, in order for each subject."""

    async def confirm_sent(self, sent: Mapping[str, tuple[int, int]]) -> None:
        """Note for each subject that the broker has confirmed its events from the first to the last seq given."""

    async def next_range(self, consumer: str, limit: int) -> Range | None:
        """What a consumer is to be asked for next, leased to this caller; None when nothing is due or somebody asks."""

    async def move_watermark(self, consumer: str, since: datetime, upto: datetime) -> bool:
        """Note that a consumer has what was asked for from `since` to `upto`; False when another range is next."""

    async def send_again(self, taken_in: Mapping[str, int], upto: datetime) -> int:
        """Have events after the seq of each record relayed again, unless they were meanwhile; of how many records."""

    async def lag(self, consumer: str) -> float:
        """For how many seconds the oldest record that a consumer was not settled for has been due; 0 for none."""

    async def forget_settled(self, consumers: Collection[str]) -> int:
        """Empty the bodies of events that are to be forgotten and that all of these have; of how many records."""
