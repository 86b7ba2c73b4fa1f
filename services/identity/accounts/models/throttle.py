"""How often something may be tried: a count over a sliding window with a lock, or a bucket for a shared address."""

from dataclasses import dataclass
from datetime import datetime, timedelta

FORGOTTEN_AFTER = timedelta(hours=24)
"""A lock that ended this long ago does not make the next one longer."""


@dataclass(frozen=True)
class Tries:
    """When something was tried, how often that led to a lock, and until when the last one holds."""

    at: tuple[datetime, ...] = ()
    strikes: int = 0
    locked_until: datetime | None = None


@dataclass(frozen=True)
class TryLimit:
    """`most` tries `within` a time. With a `lock` the last of them locks for that time, twice as long each time."""

    most: int
    within: timedelta
    lock: timedelta | None = None
    longest: timedelta = FORGOTTEN_AFTER

    def wait(self, tries: Tries, now: datetime) -> datetime | None:
        """When there is room for another try; None when there is room now."""
        if tries.locked_until is not None and tries.locked_until > now:
            return tries.locked_until
        recent = self._recent(tries, now)
        return None if len(recent) < self.most else recent[-self.most] + self.within

    def count(self, tries: Tries, now: datetime) -> Tries:
        """One try more, for which there was room."""
        at, strikes = (*self._recent(tries, now), now), tries.strikes
        if tries.locked_until is not None and tries.locked_until + FORGOTTEN_AFTER <= now:
            strikes = 0
        if self.lock is None or len(at) < self.most:
            return Tries(at, strikes, tries.locked_until)
        return Tries(at, strikes + 1, now + min(self.lock * 2 ** min(strikes, 20), self.longest))

    def uncount(self, tries: Tries, now: datetime) -> Tries:
        """One try less: the last one was not looked at, or was no failure. A lock that it brought is undone."""
        if tries.locked_until is None or tries.locked_until <= now:
            return Tries(tries.at[:-1], tries.strikes, tries.locked_until)
        return Tries(tries.at[:-1], max(0, tries.strikes - 1), None)

    def kept_until(self, tries: Tries, now: datetime) -> datetime:
        """When the tries no longer matter and can be deleted."""
        ends = [at + self.within for at in tries.at[-1:]]
        if tries.locked_until is not None:
            ends.append(tries.locked_until + FORGOTTEN_AFTER)
        return max(ends, default=now)

    def _recent(self, tries: Tries, now: datetime) -> tuple[datetime, ...]:
        """The tries that count: within the window, and since the last lock ended."""
        since, opened = now - self.within, tries.locked_until
        return tuple(at for at in tries.at if at > since and (opened is None or at >= opened))


@dataclass(frozen=True)
class TokenBucket:
    """`most` tries at once, of which one comes back after `every`: for what hundreds of people share.

    Of the tries nothing is kept but when all of them will be back. A class that signs in together has room, and where
    somebody has used it up, the others wait seconds and not an hour.
    """

    most: int
    every: timedelta

    @classmethod
    def an_hour(cls, most: int) -> "TokenBucket":
        """`most` tries at once, and as many again in an hour."""
        return cls(most, timedelta(hours=1) / most)

    def wait(self, tries: Tries, now: datetime) -> datetime | None:
        """When there is room for another try; None when there is room now."""
        room_at = self._whole_at(tries, now) - (self.most - 1) * self.every
        return room_at if room_at > now else None

    def count(self, tries: Tries, now: datetime) -> Tries:
        """One try more, for which there was room."""
        return Tries((self._whole_at(tries, now) + self.every,))

    def uncount(self, tries: Tries, now: datetime) -> Tries:
        """One try less: it was no failure."""
        return Tries((max(now, self._whole_at(tries, now) - self.every),))

    def kept_until(self, tries: Tries, now: datetime) -> datetime:
        """When the tries no longer matter and can be deleted."""
        return self._whole_at(tries, now)

    def _whole_at(self, tries: Tries, now: datetime) -> datetime:
        """When every try is back."""
        return max((now, *tries.at))


Rule = TryLimit | TokenBucket

SENDS_A_NUMBER = TryLimit(5, timedelta(hours=1))
CODES_A_DAY = TryLimit(10, timedelta(days=1))
"""For a number: after them it gets no more by SMS, which costs money; by email it still may."""
CODES_OF_AN_ADDRESS = TokenBucket.an_hour(300)
"""Codes that nobody answered: what one address can cost in messages. A right answer gives its code back."""
CODE_TRIES = TryLimit(10, timedelta(hours=1))
"""Of one purpose and account, over all codes: a new code does not give new tries (NIST SP 800-63B)."""
WRONG_CODE_LOCKOUT = TryLimit(5, timedelta(minutes=15), lock=timedelta(minutes=15), longest=timedelta(minutes=15))
"""Wrong codes that lock one purpose of one account, for a quarter of an hour and never longer."""
LOGIN_FAILURES = TryLimit(5, timedelta(minutes=15), lock=timedelta(minutes=15))
FAILURES_IN_A_ROW = TryLimit(100, timedelta(days=365))
"""Of one password: after them it opens nothing any more, except from a known device, until another is chosen."""
DEVICE_FAILURES = TryLimit(3, timedelta(minutes=15), lock=timedelta(minutes=15))
"""What a known device has of its own while failures from elsewhere lock the account."""
FAILURES_OF_AN_ADDRESS = TokenBucket.an_hour(300)
"""Wrong passwords and codes, over all accounts: one guess at each of many is one of these."""
