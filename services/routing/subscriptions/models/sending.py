"""The progress of a webhook: as messages are sent one after another, one number and the state of the retries."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Self

MAX_RETRY_AFTER = timedelta(hours=12)
"""The longest pause that a receiver may ask for."""


@dataclass(frozen=True)
class RetryRule:
    """The pauses after each failure in a row (the last one repeats), and how long a webhook may fail."""

    pauses: Sequence[timedelta]
    give_up_after: timedelta

    @classmethod
    def of_seconds(cls, pauses: Sequence[float], give_up_after: float) -> Self:
        """The rule of the settings."""
        return cls([timedelta(seconds=pause) for pause in pauses], timedelta(seconds=give_up_after))

    def pause(self, failures: int) -> timedelta:
        """The pause after this number of failures in a row."""
        return self.pauses[min(failures, len(self.pauses)) - 1]


@dataclass
class Sending:
    """The progress of one webhook. `lease`: the replica that sends now, until `lease_until` by the server's clock."""

    id: str
    acked_up_to: int = 0
    failures: int = 0
    failing_since: datetime | None = None
    error: str | None = None
    next_at: datetime | None = None
    stopped_at: datetime | None = None
    """When it was stopped because it kept failing; a person resumes it."""
    delivered_at: datetime | None = None
    lease: str | None = None
    lease_until: datetime | None = None
    rev: int = 0

    def is_due(self, now: datetime) -> bool:
        """Whether a replica may send its next messages."""
        ready = self.next_at is None or self.next_at <= now
        free = self.lease_until is None or self.lease_until <= now
        return self.stopped_at is None and ready and free

    def claim(self, token: str, until: datetime) -> None:
        """Let one replica send."""
        self.lease, self.lease_until = token, until

    def release(self) -> None:
        """Let any replica send."""
        self.lease = self.lease_until = None

    def delivered(self, number: int, now: datetime) -> None:
        """The receiver has everything up to this number."""
        self.acked_up_to, self.delivered_at = max(self.acked_up_to, number), now
        self._healthy()

    def failed(self, error: str, now: datetime, rule: RetryRule, retry_after: timedelta | None = None) -> None:
        """The receiver did not take the next message: try later, or stop where it has failed for too long."""
        self.failures, self.error = self.failures + 1, error
        self.failing_since = self.failing_since or now
        pause = rule.pause(self.failures)
        if retry_after is not None:
            pause = max(pause, min(retry_after, MAX_RETRY_AFTER))
        self.next_at = now + pause
        if now - self.failing_since >= rule.give_up_after:
            self.stop(now)

    def stop(self, now: datetime) -> None:
        """Send nothing until a person resumes it."""
        self.stopped_at, self.next_at = now, None

    def resume(self) -> None:
        """Send again, at once."""
        self.stopped_at = None
        self._healthy()

    def replay(self, after: int) -> None:
        """Send everything after that number."""
        self.acked_up_to = max(after, 0)
        self.release()
        self.resume()

    def _healthy(self) -> None:
        self.failures, self.failing_since, self.error, self.next_at = 0, None, None, None

    def document(self) -> dict[str, Any]:
        """As it is stored."""
        kept = {name: value for name, value in asdict(self).items() if value is not None and name != "id"}
        return {"_id": self.id, **kept}

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        """The progress of a stored document."""
        return cls(
            id=document["_id"], **{name: value for name, value in document.items() if name not in ("_id", "now")}
        )
