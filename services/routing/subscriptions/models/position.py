"""The progress of a subscription: the leases of its messages, and what happens to those that are not acknowledged.

Numbers of a feed have no gaps. So everything up to `handed_up_to` that is not in `open` is done, and `open` holds only
the messages that are leased now or were returned.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal, Self

MAX_TRIES = 10
"""How often a message is handed out; then it is given up."""
MAX_OPEN = 1000
"""The most messages that are leased or returned at a time."""
MAX_GIVEN_UP = 100
"""The newest of the messages given up are listed; the others come again by replay too."""
GivenUpReason = Literal["tries", "expired"]


@dataclass(frozen=True)
class Open:
    """A message that was handed out and is not acknowledged; without a lease it was returned.

    `until`: from when it may be handed out again.
    """

    number: int
    lease: str
    until: datetime
    tries: int


@dataclass(frozen=True)
class GivenUp:
    """A message that is not handed out again by itself: tried too often, or no longer kept."""

    number: int
    at: datetime
    why: GivenUpReason


@dataclass
class Position:
    """The progress of one subscription. `rev` guards each write."""

    id: str
    handed_up_to: int = 0
    open: dict[int, Open] = field(default_factory=dict)
    given_up: list[GivenUp] = field(default_factory=list)
    rev: int = 0

    @property
    def acked_up_to(self) -> int:
        """Every message up to this number is acknowledged or given up."""
        return min(self.open, default=self.handed_up_to + 1) - 1

    def lease(self, kept: tuple[int, int], limit: int, now: datetime, until: datetime, token: str) -> list[int]:
        """Hand out up to `limit` messages of those kept (oldest and newest number); their numbers, in order.

        First those whose lease is over or whose pause is, then new ones.
        """
        oldest, newest = kept
        self._drop_before(oldest, now)
        again = [one for one in self._in_order() if one.until <= now]
        for one in again:
            if one.tries >= MAX_TRIES:
                self._give_up(one.number, now, "tries")
        numbers = [one.number for one in again if one.tries < MAX_TRIES][:limit]
        room = min(limit - len(numbers), MAX_OPEN - len(self.open), newest - self.handed_up_to)
        new = list(range(self.handed_up_to + 1, self.handed_up_to + 1 + max(room, 0)))
        self.handed_up_to += len(new)
        for number in (*numbers, *new):
            tries = self.open[number].tries if number in self.open else 0
            self.open[number] = Open(number, token, until, tries + 1)
        return [*numbers, *new]

    def ack(self, token: str, numbers: Collection[int] | None) -> list[int]:
        """Take these messages of a lease, or all of it, as done; the numbers that another lease has, or none had."""
        return self._each(token, numbers, lambda one: self.open.pop(one.number))

    def nack(self, token: str, numbers: Collection[int] | None, now: datetime, pause: timedelta) -> list[int]:
        """Return these messages of a lease, or all of it; after a pause they are handed out again."""

        def back(one: Open) -> None:
            self.open[one.number] = replace(one, lease="", until=now + pause)
            if one.tries >= MAX_TRIES:
                self._give_up(one.number, now, "tries")

        return self._each(token, numbers, back)

    def extend(self, token: str, until: datetime) -> list[int]:
        """Let a lease end later; the numbers that it still holds."""
        held = self.held_by(token)
        self.open |= {number: replace(self.open[number], until=until) for number in held}
        return held

    def held_by(self, token: str) -> list[int]:
        """The numbers of a lease that are not acknowledged or returned."""
        return [one.number for one in self._in_order() if one.lease == token]

    def replay(self, after: int) -> None:
        """Hand out everything after that number, and nothing else; leases are over."""
        self.handed_up_to, self.open, self.given_up = max(after, 0), {}, []

    def _each(self, token: str, numbers: Collection[int] | None, fn: Callable[[Open], object]) -> list[int]:
        """Do this with the numbers that the lease holds; those that it does not hold and that are not done."""
        wanted = sorted(set(numbers)) if numbers is not None else self.held_by(token)
        lost = []
        for number in wanted:
            one = self.open.get(number)
            if one is not None and one.lease == token:
                fn(one)
            elif one is not None or number > self.handed_up_to:
                lost.append(number)
        return lost

    def _drop_before(self, oldest: int, now: datetime) -> None:
        """Give up what is no longer kept."""
        for number in [number for number in self.open if number < oldest]:
            self._give_up(number, now, "expired")
        self.handed_up_to = max(self.handed_up_to, oldest - 1)

    def _give_up(self, number: int, now: datetime, why: GivenUpReason) -> None:
        self.open.pop(number, None)
        self.given_up = [*self.given_up, GivenUp(number, now, why)][-MAX_GIVEN_UP:]

    def _in_order(self) -> list[Open]:
        return [self.open[number] for number in sorted(self.open)]

    def document(self) -> dict[str, Any]:
        """As it is stored."""
        return {
            "_id": self.id,
            "rev": self.rev,
            "handed_up_to": self.handed_up_to,
            "open": [vars(one) for one in self._in_order()],
            "given_up": [vars(one) for one in self.given_up],
        }

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        """The position of a stored document."""
        opened = {one["number"]: Open(**one) for one in document["open"]}
        given_up = [GivenUp(**one) for one in document["given_up"]]
        return cls(document["_id"], document["handed_up_to"], opened, given_up, document["rev"])
