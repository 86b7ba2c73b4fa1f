"""Which provider gets a message: by their weights among those that are well, as this process has seen them.

A provider that fails or is slow is out. After a while one message at a time tries whether it is back; each that fails
makes the while longer. Where all are out, the one that is out longest is taken.
"""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import structlog

from services.notifier.channels.provider import Provider
from services.notifier.metrics import PROVIDER_OUT

IN_A_ROW = 5
"""Failures after which a provider is out."""
BAD_SHARE, ENOUGH = 0.15, 20
"""Also after such a share of failed or slow messages in `WINDOW`, of at least so many."""
SLOW = 5.0
WINDOW, SLICE = 300.0, 10.0
FIRST_PROBATION, LONGEST_PROBATION = 10.0, 300.0
TRIAL = 60.0
"""Seconds after which a trial that nothing was heard of does not count as under way any more."""

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Record:
    """How a provider has done lately: good and bad messages by slices of time."""

    failed_in_a_row: int = 0
    slices: dict[int, tuple[int, int]] = field(default_factory=dict)
    out_until: float | None = None
    probation: float = FIRST_PROBATION
    trial_since: float | None = None

    def count(self, now: float, *, bad: bool) -> None:
        """Count one message; slices that are over are forgotten."""
        place = int(now // SLICE)
        good_ones, bad_ones = self.slices.get(place, (0, 0))
        self.slices[place] = (good_ones + (not bad), bad_ones + bad)
        self.slices = {at: counts for at, counts in self.slices.items() if at > place - WINDOW / SLICE}

    def is_bad(self) -> bool:
        """Whether it fails too often."""
        good, bad = (sum(counts[which] for counts in self.slices.values()) for which in (0, 1))
        return self.failed_in_a_row >= IN_A_ROW or (good + bad >= ENOUGH and bad >= BAD_SHARE * (good + bad))


class Health:
    """Chooses providers, and learns of their answers."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, chance: Callable[[], float] = random.random
    ) -> None:
        self._records: dict[str, Record] = {}
        self._clock = clock
        self._chance = chance

    def choose(self, providers: Sequence[Provider], *, avoid: str | None = None, urgent: bool = False) -> Provider:
        """Who gets the next message; another than `avoid` where there is one. Urgent ones are not for trials."""
        if len(providers) == 1:
            return providers[0]
        well = [one for one in providers if self.is_well(one.name)]
        if not (urgent and well) and (trial := self._on_trial(providers)):
            return trial
        if not well:
            return min(providers, key=lambda one: self._record(one.name).out_until or 0.0)
        return self._by_weight([one for one in well if one.name != avoid] or well)

    def is_well(self, provider: str) -> bool:
        """Whether nothing speaks against it."""
        return self._record(provider).out_until is None

    def note(self, provider: str, *, failed: bool, seconds: float) -> None:
        """Note how a provider answered."""
        record, now = self._record(provider), self._clock()
        if record.out_until is not None:
            self._note_trial(provider, record, now, bad=failed or seconds >= SLOW)
            return
        record.failed_in_a_row = record.failed_in_a_row + 1 if failed else 0
        record.count(now, bad=failed or seconds >= SLOW)
        if record.is_bad():
            self._put_out(provider, record, now)

    def _note_trial(self, provider: str, record: Record, now: float, *, bad: bool) -> None:
        if record.trial_since is None:  # sent before it was out: says nothing new
            return
        if bad:
            record.probation = min(record.probation * 2, LONGEST_PROBATION)
            self._put_out(provider, record, now)
        else:
            self._records[provider] = Record()
            PROVIDER_OUT.labels(provider).set(0)
            log.info("provider.back", provider=provider)

    def _put_out(self, provider: str, record: Record, now: float) -> None:
        record.out_until, record.trial_since = now + record.probation, None
        record.failed_in_a_row, record.slices = 0, {}
        PROVIDER_OUT.labels(provider).set(1)
        log.warning("provider.out", provider=provider, seconds=record.probation)

    def _on_trial(self, providers: Sequence[Provider]) -> Provider | None:
        """A provider whose probation is over and that no other message tries."""
        now = self._clock()
        for one in providers:
            record = self._record(one.name)
            if record.out_until is None or record.out_until > now:
                continue
            if record.trial_since is None or record.trial_since < now - TRIAL:
                record.trial_since = now
                return one
        return None

    def _by_weight(self, providers: Sequence[Provider]) -> Provider:
        place = self._chance() * sum(one.weight for one in providers)
        for one in providers:
            place -= one.weight
            if place < 0:
                return one
        return providers[-1]

    def _record(self, provider: str) -> Record:
        return self._records.setdefault(provider, Record())
