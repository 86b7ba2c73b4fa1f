"""Finds replies that a department gives to everybody: one query for a batch, none for what is known already."""

import time
from collections import OrderedDict
from collections.abc import Iterable
from datetime import timedelta
from typing import Protocol

WITHIN = timedelta(days=30)
OTHERS = 3
"""A reply that as many other requests of the department got within that time is a copied one."""
KNOWN_FOR = 3600.0
"""Seconds for which a reply that was found to be copied is not looked up again."""
REMEMBERED = 10_000


class Replies(Protocol):
    """What is asked of the store."""

    async def reply_prints(self, pairs: set[tuple[str, str]], within: timedelta) -> list[tuple[str, str, str]]:
        """(department, fingerprint, number) of the replies given lately with these departments and fingerprints."""


class Copies:
    """Knows which replies are copied."""

    def __init__(self, replies: Replies) -> None:
        self._replies = replies
        self._known: OrderedDict[tuple[str, str], float] = OrderedDict()

    async def among(self, given: Iterable[tuple[str, str, str]]) -> set[tuple[str, str]]:
        """Those (department, fingerprint) of the given (department, number, fingerprint) that are copied.

        What is given counts too, so that a batch of equal replies is noticed.
        """
        numbers: dict[tuple[str, str], set[str]] = {}
        for department, number, fingerprint in given:
            numbers.setdefault((department, fingerprint), set()).add(number)
        now = time.monotonic()
        known = {pair for pair in numbers if self._known.get(pair, 0.0) > now}
        if unknown := numbers.keys() - known:
            for department, fingerprint, number in await self._replies.reply_prints(set(unknown), WITHIN):
                numbers[department, fingerprint].add(number)
            found = {pair for pair in unknown if len(numbers[pair]) > OTHERS}
            self._known.update(dict.fromkeys(found, now + KNOWN_FOR))
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
            known |= found
        return known
