"""Chooses the provider of a message: by weight among those that work, as observed by this process.

A provider that fails or is slow is out for some seconds. Then one message at a time tests whether it is back; each
failed trial doubles the wait. If all are out, the one that has been out longest is used.
"""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from services.notifier.channels.provider import Provider
from services.notifier.metrics import PROVIDER_OUT

MAX_BAD_IN_A_ROW = 5
"""Failed or slow messages in a row after which a provider is out. An occasional failure only costs a second attempt."""
SLOW = 5.0
"""Seconds."""
FIRST_PROBATION, MAX_PROBATION = 10.0, 300.0
TRIAL = 60.0
"""Seconds after which an unanswered trial no longer counts as running."""

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class ProviderRecord:
    """The recent results of a provider."""

    bad_in_a_row: int = 0
    out_until: float | None = None
    probation: float = FIRST_PROBATION
    trial_since: float | None = None


class Health:
    """Chooses providers, and records their results."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, chance: Callable[[], float] = random.random
    ) -> None:
        self._records: dict[str, ProviderRecord] = {}
        self._clock = clock
        self._chance = chance

    def choose(self, providers: Sequence[Provider], *, avoid: str | None = None, urgent: bool = False) -> Provider:
        """The provider for the next message, if possible not `avoid`. Urgent messages are not used for trials."""
        if len(providers) == 1:
            return providers[0]
        well = [one for one in providers if self.is_well(one.name)]
        if not (urgent and well) and (trial := self._on_trial(providers)):
            return trial
        if not well:
            return min(providers, key=lambda one: self._record(one.name).out_until or 0.0)
        return self._by_weight([one for one in well if one.name != avoid] or well)

    def is_well(self, provider: str) -> bool:
        """Whether the provider is not out."""
        return self._record(provider).out_until is None

    def note(self, provider: str, *, failed: bool, seconds: float) -> None:
        """Record a result of a provider."""
        record, now, bad = self._record(provider), self._clock(), failed or seconds >= SLOW
        if record.out_until is not None:
            self._note_trial(provider, record, now, bad=bad)
            return
        record.bad_in_a_row = record.bad_in_a_row + 1 if bad else 0
        if record.bad_in_a_row >= MAX_BAD_IN_A_ROW:
            self._put_out(provider, record, now)

    def _note_trial(self, provider: str, record: ProviderRecord, now: float, *, bad: bool) -> None:
        if record.trial_since is None:  # sent before it was out: tells nothing new
            return
        if bad:
            record.probation = min(record.probation * 2, MAX_PROBATION)
            self._put_out(provider, record, now)
        else:
            self._records[provider] = ProviderRecord()
            PROVIDER_OUT.labels(provider).set(0)
            log.info("provider.back", provider=provider)

    def _put_out(self, provider: str, record: ProviderRecord, now: float) -> None:
        record.out_until, record.trial_since = now + record.probation, None
        record.bad_in_a_row = 0
        PROVIDER_OUT.labels(provider).set(1)
        log.warning("provider.out", provider=provider, seconds=record.probation)

    def _on_trial(self, providers: Sequence[Provider]) -> Provider | None:
        """A provider that is due for a trial and has none running."""
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

    def _record(self, provider: str) -> ProviderRecord:
        return self._records.setdefault(provider, ProviderRecord())
