"""Rate limits: a count over a sliding window with a lockout, or a token bucket for a shared address."""

from dataclasses import dataclass
from datetime import datetime, timedelta

FORGOTTEN_AFTER = timedelta(hours=24)
"""After this time an earlier lockout no longer makes the next one longer."""


@dataclass(frozen=True)
class Tries:
    """Times of attempts, the number of lockouts, and the end of the last one."""

    at: tuple[datetime, ...] = ()
    strikes: int = 0
    locked_until: datetime | None = None


@dataclass(frozen=True)
class TryLimit:
    """`most` attempts `within` a time. With a `lock` the last one starts a lockout, each twice as long as the last."""

    most: int
    within: timedelta
    lock: timedelta | None = None
    longest: timedelta = FORGOTTEN_AFTER

    def wait(self, tries: Tries, now: datetime) -> datetime | None:
        """When another attempt is allowed; None if it is allowed now."""
        if tries.locked_until is not None and tries.locked_until > now:
            return tries.locked_until
        recent = self._recent(tries, now)
        return None if len(recent) < self.most else recent[-self.most] + self.within

    def count(self, tries: Tries, now: datetime) -> Tries:
        """Count one more attempt, which was allowed."""
        at, strikes = (*self._recent(tries, now), now), tries.strikes
        if tries.locked_until is not None and tries.locked_until + FORGOTTEN_AFTER <= now:
            strikes = 0
        if self.lock is None or len(at) < self.most:
            return Tries(at, strikes, tries.locked_until)
        return Tries(at, strikes + 1, now + min(self.lock * 2 ** min(strikes, 20), self.longest))

    def uncount(self, tries: Tries, now: datetime) -> Tries:
        """Undo the last attempt, which was not checked or no failure, with the lockout it may have started."""
        if tries.locked_until is None or tries.locked_until <= now:
            return Tries(tries.at[:-1], tries.strikes, tries.locked_until)
        return Tries(tries.at[:-1], max(0, tries.strikes - 1), None)

    def kept_until(self, tries: Tries, now: datetime) -> datetime:
        """When the counter can be deleted."""
        ends = [at + self.within for at in tries.at[-1:]]
        if tries.locked_until is not None:
            ends.append(tries.locked_until + FORGOTTEN_AFTER)
        return max(ends, default=now)

    def _recent(self, tries: Tries, now: datetime) -> tuple[datetime, ...]:
        """The attempts within the window and since the last lockout."""
        since, opened = now - self.within, tries.locked_until
        return tuple(at for at in tries.at if at > since and (opened is None or at >= opened))


@dataclass(frozen=True)
class TokenBucket:
    """`most` attempts at once, refilled by one after `every`: for an address that hundreds of people share.

    Stored is only the time when the bucket will be full again. A school class can log in together, and when one person
    has used up the bucket, the others wait seconds and not an hour.
    """

    most: int
    every: timedelta

    @classmethod
    def an_hour(cls, most: int) -> "TokenBucket":
        """A bucket of `most` attempts, refilled within an hour."""
        return cls(most, timedelta(hours=1) / most)

    def wait(self, tries: Tries, now: datetime) -> datetime | None:
        """When another attempt is allowed; None if it is allowed now."""
        room_at = self._full_at(tries, now) - (self.most - 1) * self.every
        return room_at if room_at > now else None

    def count(self, tries: Tries, now: datetime) -> Tries:
        """Count one more attempt, which was allowed."""
        return Tries((self._full_at(tries, now) + self.every,))

    def uncount(self, tries: Tries, now: datetime) -> Tries:
        """Undo an attempt that was no failure."""
        return Tries((max(now, self._full_at(tries, now) - self.every),))

    def kept_until(self, tries: Tries, now: datetime) -> datetime:
        """When the counter can be deleted."""
        return self._full_at(tries, now)

    def _full_at(self, tries: Tries, now: datetime) -> datetime:
        """When the bucket is full again."""
        return max((now, *tries.at))


Rule = TryLimit | TokenBucket

SENDS_A_NUMBER = TryLimit(5, timedelta(hours=1))
CODES_A_DAY = TryLimit(10, timedelta(days=1))
"""Codes by SMS to a number; SMS costs money. By email it may get more."""
CODES_OF_AN_ADDRESS = TokenBucket.an_hour(300)
"""Unanswered codes requested by an address; a correct answer returns its code. Bounds the cost of SMS."""
CODE_TRIES = TryLimit(10, timedelta(hours=1))
"""For a purpose and account, over all codes: a new code gives no new attempts (NIST SP 800-63B)."""
WRONG_CODE_LOCKOUT = TryLimit(5, timedelta(minutes=15), lock=timedelta(minutes=15), longest=timedelta(minutes=15))
"""Wrong codes that lock one purpose of one account for 15 minutes, never longer."""
LOGIN_FAILURES = TryLimit(5, timedelta(minutes=15), lock=timedelta(minutes=15))
FAILURES_IN_A_ROW = TryLimit(100, timedelta(days=365))
"""For one password: after these it works only on a known device, until it is changed."""
DEVICE_FAILURES = TryLimit(3, timedelta(minutes=15), lock=timedelta(minutes=15))
"""For a known device, while failures elsewhere have locked the account."""
FAILURES_OF_AN_ADDRESS = TokenBucket.an_hour(300)
"""Wrong passwords and codes from one address over all accounts."""
