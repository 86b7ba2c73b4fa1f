"""Finds replies that a department copies to many citizens: one query for a batch, none for what is cached."""

import time
from collections import OrderedDict
from collections.abc import Iterable
from datetime import timedelta

from services.routing.store.assignments import AssignmentStore

WINDOW = timedelta(days=30)
MIN_OTHER_REQUESTS = 3
"""A reply is copied if this many other requests of the department got it within `WINDOW`."""
CACHE_SECONDS = 3600.0
"""For how many seconds a copied reply is remembered without another query."""
MAX_CACHED = 10_000


class CopiedReplies:
    """Finds copied replies, and caches those that it found."""

    def __init__(self, replies: AssignmentStore) -> None:
        self._replies = replies
        self._known: OrderedDict[tuple[str, str], float] = OrderedDict()

    async def among(self, given: Iterable[tuple[str, str, str]]) -> set[tuple[str, str]]:
        """Those (department, fingerprint) of the given (department, number, fingerprint) that are copied.

        The given replies count too, so that a batch of equal replies is noticed.
        """
        numbers: dict[tuple[str, str], set[str]] = {}
        for department, number, fingerprint in given:
            numbers.setdefault((department, fingerprint), set()).add(number)
        now = time.monotonic()
        known = {pair for pair in numbers if self._known.get(pair, 0.0) > now}
        if unknown := numbers.keys() - known:
            for department, fingerprint, number in await self._replies.reply_prints(set(unknown), WINDOW):
                numbers[department, fingerprint].add(number)
            found = {pair for pair in unknown if len(numbers[pair]) > MIN_OTHER_REQUESTS}
            self._known.update(dict.fromkeys(found, now + CACHE_SECONDS))
            while len(self._known) > MAX_CACHED:
                self._known.popitem(last=False)
            known |= found
        return known
