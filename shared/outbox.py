"""The relay: publishes every event of the stored documents, in order within each subject.

New events are handed over in memory (`offer`) and published at once, many together. Events left over by a crash or
an outage of the broker are found by the sweep, which leases documents by the database server's clock. An event may
be published twice; consumers apply it once.
"""

import asyncio
import math
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import structlog
from prometheus_client import Counter, Gauge

from shared.confirmed import ConfirmedEvents, Span
from shared.envelope import Envelope
from shared.records import Outbox

PUBLISH_BATCH = 200
SWEEP_BATCH = 500
MAX_IN_MEMORY = 20_000
MAX_RETRIES = 5
STORE_EVERY = 0.4
"""Seconds between writes of what was confirmed: each event is noted within twice that, far below any lease."""
MEASURE_EVERY = 5.0
PUBLISHED = Counter("rabta_events_published_total", "Events that the broker confirmed", ["stream"])
SWEPT = Counter("rabta_events_swept_total", "Events found unsent by the sweep and published again", ["stream"])
WAITING = Gauge("rabta_outbox_records", "Records with events that the broker has not confirmed", ["stream"])
OLDEST = Gauge("rabta_outbox_oldest_seconds", "Age of the oldest event that was not confirmed", ["stream"])

log = structlog.get_logger(__name__)


class EventPublisher(Protocol):
    """The part of the bus that the relay uses."""

    async def publish_events(self, envelopes: Sequence[Envelope]) -> list[bool]:
        """True for each event that the broker has stored."""


class Relay:
    """Publishes the events of one store. Run it as a task; `stop` lets it finish what was offered."""

    def __init__(
        self,
        outbox: Outbox,
        publisher: EventPublisher,
        *,
        sweep_every: float,
        outages: tuple[type[BaseException], ...],
        stream: str,
        on_trouble: Callable[[], None] = lambda: None,
    ) -> None:
        self._outbox = outbox
        self._publisher = publisher
        self._sweep_every = sweep_every
        self._outages = outages
        self._on_trouble = on_trouble
        self._offered: deque[Envelope] = deque()
        self.confirmed = ConfirmedEvents()
        self._retries: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        self._stopping = False
        self._published, self._swept = PUBLISHED.labels(stream), SWEPT.labels(stream)
        self._waiting, self._oldest = WAITING.labels(stream), OLDEST.labels(stream)
        self.swept = 0

    def offer(self, envelopes: Sequence[Envelope]) -> None:
        """Hand over new events. Beyond MAX_IN_MEMORY they are left to the sweep."""
        if len(self._offered) < MAX_IN_MEMORY:
            self._offered.extend(envelopes)
            self._wake.set()

    async def run(self) -> None:
        """Relay until `stop`."""
        loops = (self._sweep_forever(), self._store_forever(), self._measure_forever())
        timers = [asyncio.create_task(each) for each in loops]
        try:
            while not (self._stopping and not self._offered):
                await self._wake.wait()
                self._wake.clear()
                while self._offered:
                    batch = [self._offered.popleft() for _ in range(min(len(self._offered), PUBLISH_BATCH))]
                    self._retry_later(await self._relay(batch), MAX_RETRIES)
        finally:
            timers += self._retries
            for timer in timers:
                timer.cancel()
            await asyncio.gather(*timers, return_exceptions=True)
            await self._store(self.confirmed.take_all())

    def stop(self) -> None:
        """Publish what was offered, then let `run` return."""
        self._stopping = True
        self._wake.set()

    async def _relay(self, envelopes: Sequence[Envelope]) -> list[Envelope]:
        """Publish; returns the unsent events, in order."""
        confirmed = await self._publisher.publish_events(envelopes)
        self._published.inc(sum(confirmed))
        self.confirmed.add(confirmed_prefix(envelopes, confirmed))
        if all(confirmed):
            return []
        self._on_trouble()
        failed = {e.subject for e, safe in zip(envelopes, confirmed, strict=True) if not safe}
        return [e for e in envelopes if e.subject in failed and e.seq > self.confirmed.last(e.subject)]

    def _retry_later(self, unsent: list[Envelope], times: int) -> None:
        """Publish again soon, without waiting for the lease: a missing queue is usually declared within seconds."""

        async def later() -> None:
            await asyncio.sleep(self._sweep_every)
            self._retry_later(await self._relay(unsent), times - 1)

        if unsent and times:
            task = asyncio.create_task(later())
            self._retries.add(task)
            task.add_done_callback(self._retries.discard)

    async def _store(self, confirmed: Mapping[str, Span]) -> None:
        """Store what was confirmed. After a crash before this, the sweep publishes those events again."""
        try:
            await self._outbox.confirm_sent(confirmed)
        except self._outages as error:  # the sweep publishes them again
            log.warning("outbox.store_away", error=type(error).__name__)
        except Exception as error:  # the relay must keep running
            log.error("outbox.not_noted", error=type(error).__name__)

    async def _store_forever(self) -> None:
        while True:
            await asyncio.sleep(STORE_EVERY)
            await self._store(self.confirmed.take_older())

    async def _sweep_forever(self) -> None:
        while True:
            await asyncio.sleep(self._sweep_every)
            try:
                while envelopes := await self._outbox.claim_unsent(SWEEP_BATCH):
                    self.swept += len(envelopes)
                    self._swept.inc(len(envelopes))
                    log.info("outbox.swept", events=len(envelopes))
                    await self._relay(envelopes)
                    await self._store(self.confirmed.take_all())
            except self._outages as error:
                log.warning("outbox.store_away", error=type(error).__name__)
            except Exception as error:
                log.error("outbox.sweep_failed", error=type(error).__name__)

    async def _measure_forever(self) -> None:
        """Update the gauges of unsent records; NaN while the store is down."""
        while True:
            waiting = oldest = math.nan
            try:
                backlog = await self._outbox.backlog()
                waiting, oldest = backlog.records, backlog.oldest
            except self._outages:
                pass  # the sweep logs it
            except Exception as error:
                log.error("outbox.not_measured", error=type(error).__name__)
            self._waiting.set(waiting)
            self._oldest.set(oldest)
            await asyncio.sleep(MEASURE_EVERY)


def confirmed_prefix(envelopes: Sequence[Envelope], confirmed: Sequence[bool]) -> dict[str, tuple[int, int]]:
    """For each subject the first and last seq of this batch that are confirmed without a gap."""
    sent: dict[str, tuple[int, int]] = {}
    broken: set[str] = set()
    for envelope, safe in zip(envelopes, confirmed, strict=True):
        if not safe:
            broken.add(envelope.subject)
        elif envelope.subject not in broken:
            first, _ = sent.get(envelope.subject, (envelope.seq, 0))
            sent[envelope.subject] = (first, envelope.seq)
    return sent
