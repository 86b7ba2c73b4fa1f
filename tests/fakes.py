"""Fakes for unit tests: a store, a bus and a clock in memory that keep the same promises as the real ones."""

import asyncio
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar

from services.requests.request.models.access_log import AccessLogEntry
from shared.bus import Message, Publisher, Topology
from shared.bus.connection import BrokerConnection
from shared.bus.topology import EVENTS
from shared.confirmed import ConfirmedEvents, Span
from shared.envelope import FORGOTTEN, Envelope
from shared.records import BEGINNING, Backlog, Range, Record
from shared.rights import Role

R = TypeVar("R", bound=Record)
MAX_DOUBLINGS, MAX_ASK_DOUBLINGS = 8, 3
SPENT = 20
"""How many of the last written records are checked for later changes."""
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


async def let_others_run() -> None:
    """Let other tasks run once, as they do during a call to a real server; no time passes."""
    await asyncio.sleep(0)


class AwayError(ConnectionError):
    """Raised by fakes instead of an error of a server that did not answer."""


class FakeClock:
    """A clock that tests move; call it, or use `now`."""

    def __init__(self, at: datetime = START) -> None:
        self.at = at

    def __call__(self) -> datetime:
        """The present time."""
        return self.at

    def now(self) -> datetime:
        """The present time, with the interface of `ServerClock`."""
        return self.at

    def advance(self, **duration: float) -> None:
        """Move on by a timedelta's arguments."""
        self.at += timedelta(**duration)


class MemoryStore(Generic[R]):
    """Records in memory, with the guards, marks and leases of `shared.mongo.RecordStore`.

    `unique` names the fields of each unique index; as in the stores, only texts count. `before` and `after` are
    called around each write and may raise: `before` for a write that did not happen, `after` for an unknown result.
    Who changes a record that was written is found out by the next use: the real store remembers it uncopied.
    """

    def __init__(
        self,
        kind: type[R],
        clock: FakeClock | None = None,
        *,
        unique: Sequence[tuple[str, ...]] = (),
        lease: float = 8.0,
        settle_after: float = 120.0,
    ) -> None:
        self.kind = kind
        self.clock = clock or FakeClock()
        self.documents: dict[str, dict[str, Any]] = {}
        self.watermarks: dict[str, dict[str, Any]] = {}
        self.writes = 0
        self.before: Callable[[], None] = lambda: None
        self.after: Callable[[], None] = lambda: None
        self.confirmed = ConfirmedEvents()
        self.on_emitted: Callable[[list[Envelope]], None] = lambda _: None
        self.on_written: Callable[[Sequence[R]], None] = lambda _: None
        self._unique = unique
        self._spent: deque[tuple[R, dict[str, Any]]] = deque(maxlen=SPENT)
        self._lease = timedelta(seconds=lease)
        self._settle_after = timedelta(seconds=settle_after)

    async def get(self, record_id: str) -> R | None:
        """The record, or None."""
        return (await self.load_many([record_id])).get(record_id)

    async def load_many(self, ids: Collection[str]) -> dict[str, R]:
        """The existing records, by id."""
        await let_others_run()
        assert all(record.fields() == state for record, state in self._spent), "a written record was changed"
        return {key: self.kind.of(deepcopy(self.documents[key])) for key in ids if key in self.documents}

    async def load_cached(self, ids: Collection[str]) -> dict[str, R]:
        """The records; this store has no outdated copies."""
        return await self.load_many(ids)

    async def taken_in(self, ids: Collection[str], source: str) -> dict[str, int]:
        """For each existing record, the last seq of a source that it has processed."""
        return {key: record.inbox.get(source, 0) for key, record in (await self.load_many(ids)).items()}

    async def insert_many(self, records: Sequence[R]) -> list[str | None]:
        """Insert new records; for each None, or the name of the unique index that it violates."""
        await let_others_run()
        self.before()
        clashes = [self._insert(record) for record in records]
        self._written([record for record, clash in zip(records, clashes, strict=True) if clash is None])
        return clashes

    async def save_many(self, records: Sequence[R]) -> set[str]:
        """Write each record whose revision is still the stored one; returns the ids of the others."""
        if not records:
            return set()
        await let_others_run()
        self.before()
        lost = {record.id for record in records if not self._save(record)}
        self._written([record for record in records if record.id not in lost])
        return lost

    async def save_together(self, records: Sequence[R]) -> bool:
        """Write all of these records, or none if another writer changed one; returns whether they were written."""
        await let_others_run()
        self.before()
        if any(self.documents[record.id]["rev"] != record.rev for record in records):
            return False
        saved = [self._save(record) for record in records]
        self._written(records)
        return all(saved)

    async def backlog(self) -> Backlog:
        """The backlog of events."""
        await let_others_run()
        waiting = [document for document in self.documents.values() if "relay_after" in document]
        times = [e["at"] for d in waiting for e in d["events"] if e["seq"] > d["sent"]]
        return Backlog(len(waiting), (self.clock.now() - min(times)).total_seconds() if times else 0.0)

    async def claim_unsent(self, limit: int) -> list[Envelope]:
        """Events that were not confirmed in time, leased to this caller, in order for each subject."""
        await let_others_run()
        self.before()
        now = self.clock.now()
        due = [key for key, document in self.documents.items() if document.get("relay_after", now) < now][:limit]
        for key in due:
            self.documents[key]["relay_after"] = now + self._lease
        return [
            Envelope.of_entry(self.kind.source, key, deepcopy(entry))
            for key in due
            for entry in self.documents[key]["events"]
            if entry["seq"] > self.documents[key]["sent"]
        ]

    async def confirm_sent(self, sent: Mapping[str, tuple[int, int]]) -> None:
        """Store what the broker has confirmed; a document with a gap before that is left to the sweep."""
        await let_others_run()
        self.before()
        for key, (first, last) in sent.items():
            document = self.documents.get(key)
            if document is None or document["sent"] < first - 1 or document["seq"] < last:
                continue
            if document["seq"] == last:
                doublings = min(document.get("resent", 1) - 1, MAX_DOUBLINGS)
                stamp = self.clock.now() + self._settle_after * (2**doublings - 1)
                document |= {"sent": last, "sent_at": stamp}
                document.pop("relay_after", None)
            document["sent"] = max(document["sent"], last)

    async def next_range(self, consumer: str, limit: int) -> Range | None:
        """The next range to ask a consumer for, leased to this caller; None when nothing is due or another asks."""
        await let_others_run()
        self.before()
        mark, now = self._watermark(consumer), self.clock.now()
        due = [d for d in self._stamped_after(mark["until"]) if d["sent_at"] <= now - self._settle_after]
        if mark["ask_after"] > now or not due:
            return None
        last = due[:limit][-1]["sent_at"]
        found = [document for document in due if document["sent_at"] <= last]
        doubled = 2 ** min(mark["asked"], MAX_ASK_DOUBLINGS)
        mark |= {"ask_after": now + self._settle_after * doubled, "asked": mark["asked"] + 1}
        records = {}
        for document in found:
            settled = document.get("settled_to", 0)
            types = [entry["type"] for entry in document["events"][settled : document["sent"]]]
            records[document["_id"]] = (settled, types)
        return Range(mark["until"], last, records, full=len(found) >= limit)

    async def move_watermark(self, consumer: str, since: datetime, upto: datetime) -> bool:
        """Store that a consumer has the range from `since` to `upto`; False when another range is next."""
        await let_others_run()
        self.before()
        mark = self._watermark(consumer)
        if mark["until"] != since:
            return False
        mark |= {"until": upto, "ask_after": BEGINNING, "asked": 0}
        return True

    async def send_again(self, taken_in: Mapping[str, int], upto: datetime) -> int:
        """Relay the events after the given seq of each record again; returns for how many records."""
        await let_others_run()
        self.before()
        count = 0
        for key, seq in taken_in.items():
            document = self.documents.get(key, {"seq": 0})
            if document["seq"] > seq and "relay_after" not in document and document["sent_at"] <= upto:
                document["sent"] = min(document["sent"], seq)
                document |= {"relay_after": self.clock.now(), "resent": document.get("resent", 0) + 1}
                count += 1
        return count

    async def lag(self, consumer: str) -> float:
        """For how many seconds a consumer's oldest unsettled record has been due; 0 for none."""
        oldest = next(iter(self._stamped_after(self._watermark(consumer)["until"])), None)
        due = oldest["sent_at"] + self._settle_after if oldest else None
        return max(0.0, (self.clock.now() - due).total_seconds()) if due else 0.0

    async def forget_settled(self, consumers: Collection[str]) -> int:
        """Erase the bodies of events up to `forget_to` that all of these consumers have; of how many records."""
        await let_others_run()
        until = min(self._watermark(consumer)["until"] for consumer in consumers)
        known = [d for d in self.documents.values() if "forget_to" in d and "relay_after" not in d]
        known = [document for document in known if document.get("sent_at", until) <= until]
        for document in known:
            document["settled_to"] = document.pop("forget_to")
            for entry in document["events"]:
                entry["data"] = FORGOTTEN.decode() if entry["seq"] <= document["settled_to"] else entry["data"]
        return len(known)

    def _watermark(self, consumer: str) -> dict[str, Any]:
        nothing = {"until": BEGINNING, "ask_after": BEGINNING, "asked": 0}
        return self.watermarks.setdefault(consumer, nothing)

    def _stamped_after(self, until: datetime) -> list[dict[str, Any]]:
        stamped = [d for d in self.documents.values() if d.get("sent_at", until) > until]
        return sorted(stamped, key=lambda document: document["sent_at"])

    def _insert(self, record: R) -> str | None:
        if record.id in self.documents:
            return "_id"
        fields = deepcopy(record.fields())
        for index in self._unique:
            key = [fields[name] for name in index]
            others = ([other[name] for name in index] for other in self.documents.values())
            if all(isinstance(part, str) for part in key) and key in others:
                return "+".join(index)
        events = [envelope.entry() for envelope in record.emitted]
        document = {"_id": record.id, **fields, "rev": 1, "seq": record.seq, "events": events, "sent": 0}
        self.documents[record.id] = document | (self._relay_mark() if events else {})
        return None

    def _save(self, record: R) -> bool:
        if not record.stored:
            return self._insert(record) is None
        document = self.documents.get(record.id)
        if document is None or document["rev"] != record.rev:
            return False
        changed = {name: value for name, value in record.fields().items() if record.stored.get(name) != value}
        document |= deepcopy(changed) | {"rev": record.rev + 1, "seq": record.seq}
        if record.forget_to:
            document["forget_to"] = record.forget_to
        if record.emitted:
            document["events"] += [envelope.entry() for envelope in record.emitted]
            document |= self._relay_mark()
            document.pop("resent", None)
        elif "resent" not in document and (span := self.confirmed.take(record.id, record.seq)):
            self._note(document, span)
        return True

    def _note(self, document: dict[str, Any], span: Span) -> None:
        if document["sent"] < span[0] - 1:
            self.confirmed.add({document["_id"]: span})
            return
        document |= {"sent": span[1], "sent_at": self.clock.now()}
        document.pop("relay_after", None)

    def _relay_mark(self) -> dict[str, Any]:
        return {"relay_after": self.clock.now() + self._lease}

    def _written(self, records: Sequence[R]) -> None:
        self.writes += 1
        self._spent.extend((record, deepcopy(record.fields())) for record in records)
        self.after()
        emitted = [envelope for record in records for envelope in record.emitted]
        if emitted:
            self.on_emitted(emitted)
        if records:
            self.on_written(records)


class MemoryBus(Publisher):
    """A publisher whose broker is a list.

    `refuse` says which messages are not taken, `doubt` which are taken without an answer, `lose` which are
    confirmed and then gone; while `gate` is not set, nothing is answered.
    """

    def __init__(self) -> None:
        super().__init__("amqp://nowhere", "test", Topology())
        self.taken: list[Message] = []
        self.tried: list[Message] = []
        self.refuse: Callable[[Message], bool] = lambda _: False
        self.doubt: Callable[[Message], bool] = lambda _: False
        self.lose: Callable[[Message], bool] = lambda _: False
        self.gate = asyncio.Event()
        self.gate.set()

    async def open(self) -> BrokerConnection:
        """Nothing to open."""
        raise AwayError

    async def publish(self, messages: Sequence[Message]) -> list[bool]:
        """True for each message that was confirmed."""
        self.tried += messages
        await self.gate.wait()
        await let_others_run()
        return [self._take(message) for message in messages]

    @property
    def events(self) -> list[str]:
        """The ids of the events that were published to the exchange, in order."""
        return [message.message_id for message in self.taken if message.exchange == EVENTS]

    def to(self, queue: str) -> list[Message]:
        """Take the messages that went directly to one queue."""
        found = [message for message in self.taken if message.exchange == "" and message.key == queue]
        self.taken = [message for message in self.taken if message not in found]
        return found

    def _take(self, message: Message) -> bool:
        if self.refuse(message):
            return False
        if not self.lose(message):
            self.taken.append(message)
        return not self.doubt(message)


async def until(condition: Callable[[], bool], within: float = 5.0) -> None:
    """Wait until the condition holds. Raises TimeoutError after `within` seconds."""
    async with asyncio.timeout(within):
        while not condition():  # any condition, not an event of ours
            await let_others_run()


class FakeTrail:
    """A fake of identity's access trail."""

    def __init__(self) -> None:
        self.noted: list[tuple[str, str, Role]] = []
        self.forgotten: list[str] = []

    async def note(self, citizen_id: str, what: str, role: Role, at: datetime) -> None:
        """Store a look."""
        self.noted.append((citizen_id, what, role))

    async def forget_citizen(self, citizen_id: str) -> None:
        """Remove the citizen."""
        self.forgotten.append(citizen_id)


class FakeLooks:
    """A fake of the access log of requests; `fail` is raised instead of writing."""

    def __init__(self) -> None:
        self.kept: dict[str, AccessLogEntry] = {}
        self.writes = 0
        self.fail: Exception | None = None

    async def insert_many(self, records: Sequence[AccessLogEntry]) -> list[str | None]:
        """Insert new looks."""
        if self.fail is not None:
            raise self.fail
        self.writes += 1
        clashes = ["_id" if look.id in self.kept else None for look in records]
        self.kept |= {look.id: look for look in records}
        return clashes
