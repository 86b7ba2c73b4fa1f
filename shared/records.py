"""A record: one document with an object's state, its events, and the last seq of each source that it has applied.

All three change in one write of one document, which is the basis of the delivery guarantees (docs/adr/0001).
`shared.mongo.records` stores it.
"""

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from datetime import UTC, datetime
from functools import cache
from typing import Any, ClassVar, Protocol, Self, TypeVar, cast

from shared.envelope import Envelope
from shared.events import Event

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
"""The watermark of a consumer for which nothing is settled yet."""
PLUMBING = frozenset({"id", "rev", "seq", "emitted", "stored", "forget_to"})


@dataclass(kw_only=True, eq=False)
class Record:
    """State with a revision, and events numbered 1, 2, 3... in `seq`.

    After saving, load it again before another change.
    """

    source: ClassVar[str]
    """The service that publishes its events: the one in whose package the class stands."""

    id: str
    rev: int = 0
    seq: int = 0
    inbox: dict[str, int] = field(default_factory=dict)
    parked: dict[str, dict[str, Any]] = field(default_factory=dict)
    emitted: list[Envelope] = field(default_factory=list)
    stored: dict[str, Any] = field(default_factory=dict, repr=False)
    forget_to: int = 0

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        package = cls.__module__.split(".")
        if package[0] == "services":
            cls.source = package[1]

    def emit(self, event: Event, at: datetime, queue: str | None = None, second_queue: str | None = None) -> None:
        """Add `event`, which is published after this record's next write; the queues get a copy."""
        self.seq += 1
        body = event.model_dump_json(exclude_none=True).encode()
        self.emitted.append(Envelope(self.source, event.type, self.id, self.seq, at, body, queue, second_queue))

    def forget_events(self) -> None:
        """Erase the bodies of all events so far, once every consumer has them."""
        self.forget_to = self.seq

    def fields(self) -> dict[str, Any]:
        """The fields that are stored unchanged."""
        values = vars(self)
        return {name: values[name] for name in _field_names(cast(Hashable, type(self)))}

    def changed_fields(self) -> dict[str, Any]:
        """The fields whose value differs from the stored one. Values that are empty by default are not stored."""
        empty = _empty_fields(cast(Hashable, type(self)))
        return {
            name: value
            for name, value in self.fields().items()
            if (self.stored[name] != value if name in self.stored else name not in empty or value != empty[name])
        }

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        """The record of a stored document. Changing it does not change `stored`."""
        known = {name: document[name] for name in _field_names(cast(Hashable, cls)) if name in document}
        known |= {name: copy_of(value) for name, value in known.items() if isinstance(value, dict | list)}
        return cls(id=document["_id"], rev=document["rev"], seq=document["seq"], stored=dict(document), **known)


R = TypeVar("R", bound=Record)


def known_fields(kind: type[Any], document: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a dataclass in a stored document, which a later version running beside this one may have extended.

    A `Record` is read like that too.
    """
    return {each.name: document[each.name] for each in fields(kind) if each.name in document}


@cache
def _field_names(kind: Hashable) -> tuple[str, ...]:
    """Names of the fields that are stored unchanged; the store maps the others itself."""
    return tuple(field.name for field in fields(cast(Any, kind)) if field.name not in PLUMBING)


@cache
def _empty_fields(kind: Hashable) -> dict[str, Any]:
    """The fields whose default is None or an empty list or object, with that default."""
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
    """A store of one kind of record, as the inbox and the services use it."""

    async def get(self, record_id: str) -> R | None:
        """The record, or None."""

    async def load_many(self, ids: Collection[str]) -> dict[str, R]:
        """The existing ones of these records, by id."""

    async def load_cached(self, ids: Collection[str]) -> dict[str, R]:
        """Like `load_many`, but records that this process wrote recently may be outdated."""

    async def taken_in(self, ids: Collection[str], source: str) -> dict[str, int]:
        """For each existing record the last seq of a source that it has applied."""

    async def save_many(self, records: Sequence[R]) -> set[str]:
        """Write each record whose revision is still the stored one; returns the ids of the others."""


@dataclass(frozen=True, slots=True)
class Backlog:
    """The unpublished events: how many records have one, and the age in seconds of the oldest; 0 without any."""

    records: int
    oldest: float


@dataclass(frozen=True, slots=True)
class Range:
    """Records that a consumer is asked about together: those with `sent_at` after `since` and up to `upto`.

    Each with the settled seq and the types of the confirmed events after it. `full`: there may be more records.
    """

    since: datetime
    upto: datetime
    records: dict[str, tuple[int, list[str]]]
    full: bool


class Outbox(Protocol):
    """A store as the relay and the settlement use it."""

    async def backlog(self) -> Backlog:
        """The unpublished events."""

    async def claim_unsent(self, limit: int) -> list[Envelope]:
        """Events that were not confirmed in time, leased to this caller, in order within each subject."""

    async def confirm_sent(self, sent: Mapping[str, tuple[int, int]]) -> None:
        """Store for each subject that the broker has confirmed its events from the first to the last seq given."""

    async def next_range(self, consumer: str, limit: int) -> Range | None:
        """The next range to ask a consumer for, leased to this caller; None when nothing is due or another asks."""

    async def move_watermark(self, consumer: str, since: datetime, upto: datetime) -> bool:
        """Store that a consumer has the range from `since` to `upto`; False when another range is next."""

    async def send_again(self, taken_in: Mapping[str, int], upto: datetime) -> int:
        """Relay the events after the given seq of each record again; returns for how many records."""

    async def lag(self, consumer: str) -> float:
        """For how many seconds a consumer's oldest unsettled record has been due; 0 for none."""

    async def forget_settled(self, consumers: Collection[str]) -> int:
        """Erase the bodies of events up to `forget_to` that all of these consumers have; of how many records."""
