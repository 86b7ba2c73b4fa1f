"""The inbox: applies events of other services to records, each exactly once and in order.

For each source a record keeps the last seq that was applied. A lower one is a duplicate; a later one is parked in
the record until those before it arrive. State, last seq and the record's own new events are one write.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from prometheus_client import Counter
from pydantic import ValidationError

from shared.bus import DONE, Delivery, Outcome, outcome_of
from shared.changing import attempts
from shared.envelope import Envelope, MalformedEnvelopeError
from shared.events import BY_TYPE, Event
from shared.records import Record, Records

R = TypeVar("R", bound=Record)
Apply = Callable[[R, Any, Envelope], None]
"""Applies an event of its type to a record; raises when it cannot be applied yet."""
MAX_PARKED = 100
MAX_AHEAD = 100_000
"""A seq further ahead than this is an error, not an early event: no subject has that many events."""
PARKED = Counter("rabta_inbox_parked_total", "Events kept until those before them arrive", ["source"])


@dataclass(eq=False)
class Inbox(Generic[R]):
    """Applies events to the records of one store with one handler for each type; `new` makes a record.

    `expect_new`: the first event of a subject creates its record, so there is nothing to load.
    """

    records: Records[R]
    handlers: Mapping[str, Apply[R]]
    new: Callable[[str], R]
    expect_new: bool = False

    @property
    def types(self) -> tuple[str, ...]:
        """The types of events that it applies."""
        return tuple(self.handlers)

    async def take(self, deliveries: Sequence[Delivery]) -> list[Outcome]:
        """Apply a batch; one outcome for each delivery. Raises only when the store is down."""
        outcomes: dict[int, Outcome] = {}
        by_subject: dict[str, dict[int, Envelope]] = defaultdict(dict)
        for index, delivery in enumerate(deliveries):
            try:
                envelope = delivery.envelope
                if envelope.type not in self.handlers:
                    raise MalformedEnvelopeError(f"no handler for {envelope.type}")
                by_subject[envelope.subject][index] = envelope
            except MalformedEnvelopeError as error:
                outcomes[index] = outcome_of(error)
        async for attempt in attempts():
            if not by_subject:
                break
            lost = await self._attempt(by_subject, outcomes, again=attempt > 0)
            by_subject = {subject: by_subject[subject] for subject in lost}
        for contended in by_subject.values():
            outcomes.update(dict.fromkeys(contended, Outcome("retry", "Contended")))
        return [outcomes[index] for index in range(len(deliveries))]

    async def _attempt(
        self, by_subject: Mapping[str, dict[int, Envelope]], outcomes: dict[int, Outcome], *, again: bool
    ) -> set[str]:
        """Load, apply, save; returns the subjects whose record another writer saved first.

        With `expect_new` a first event assumes that there is no record yet; if there is one, the insert fails.
        """
        skip_new = self.expect_new and not again
        known = [s for s, found in by_subject.items() if not _begins(found)] if skip_new else by_subject.keys()
        load = self.records.load_many if again else self.records.load_cached
        found = await load(known) if known else {}
        changed: list[R] = []
        for subject, envelopes in by_subject.items():
            record, failures = self._apply_all(subject, found.get(subject), envelopes)
            outcomes.update({index: failures.get(index, DONE) for index in envelopes})
            if record is not None:
                changed.append(record)
        lost = await self.records.save_many(changed)
        for record in changed:
            if record.id not in lost:
                _count_parked(record)
        return lost

    def _apply_all(
        self, subject: str, found: R | None, envelopes: Mapping[int, Envelope]
    ) -> tuple[R | None, dict[int, Outcome]]:
        """The record after all events that can be applied (None where all are duplicates), and the failed outcomes.

        A handler that raised may have half changed the record, so all is applied again without that event.
        """
        failures: dict[int, Outcome] = {}
        record = found or self.new(subject)
        while True:
            changed = False
            for index, envelope in envelopes.items():
                if index in failures:
                    continue
                try:
                    changed |= receive(record, envelope, self._effect)
                except Exception as error:
                    failures[index] = outcome_of(error)
                    record = self.new(subject) if found is None else type(found).of(found.stored)
                    break
            else:
                return (record if changed else None), failures

    def _effect(self, record: R, envelope: Envelope) -> None:
        if not envelope.forgotten:  # it counts in the sequence, but has no body
            self.handlers[envelope.type](record, read_event(envelope), envelope)


def receive(record: R, envelope: Envelope, effect: Callable[[R, Envelope], None]) -> bool:
    """Apply the event and those parked behind it, or park it; False for a duplicate."""
    last = record.inbox.get(envelope.source, 0)
    if envelope.seq <= last:
        return False
    if envelope.seq > last + MAX_AHEAD:
        raise MalformedEnvelopeError("ce-seq")
    parked = record.parked.get(envelope.source, {})
    if envelope.seq > last + 1:
        if str(envelope.seq) in parked:
            return False
        if len(parked) >= MAX_PARKED:
            raise RuntimeError("too many parked events")
        if not envelope.forgotten:
            read_event(envelope)  # a malformed event is refused now, instead of blocking those after it
        record.parked.setdefault(envelope.source, parked)[str(envelope.seq)] = envelope.entry()
        return True
    effect(record, envelope)
    record.inbox[envelope.source] = envelope.seq
    following = parked.pop(str(envelope.seq + 1), None)
    if following is not None:
        if not parked:
            del record.parked[envelope.source]
        receive(record, Envelope.of_entry(envelope.source, envelope.subject, following), effect)
    return True


def _count_parked(record: Record) -> None:
    """Count the events that the last write parked, for the metric."""
    before = record.stored.get("parked", {})
    for source, events in record.parked.items():
        if new := events.keys() - before.get(source, {}).keys():
            PARKED.labels(source).inc(len(new))


def _begins(envelopes: Mapping[int, Envelope]) -> bool:
    return any(envelope.seq == 1 for envelope in envelopes.values())


def read_event(envelope: Envelope) -> Event:
    """The event, validated by its contract. Raises MalformedEnvelopeError, without values of the body."""
    contract = BY_TYPE.get(envelope.type)
    if contract is None:
        raise MalformedEnvelopeError("unknown type")
    try:
        return contract.model_validate_json(envelope.data)
    except ValidationError:
        raise MalformedEnvelopeError("body does not keep its contract") from None
