"""Responses that are the same for everybody, kept for some seconds: the catalogue and the departments.

Most pages need one of them. From the cache they cost no call, and no page counts against the rate limit of an address
that hundreds of people share.
"""

import re
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

T = TypeVar("T")
MAX_SECONDS = 10
"""No response is kept for longer, so that an administrator soon sees what was published."""
MAX_ENTRIES = 500
PUBLIC = re.compile(r"public, max-age=(\d{1,9})")


class PublicCache(Generic[T]):
    """Responses by target and language; the oldest go first when there are too many."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._entries: OrderedDict[tuple[str, str], tuple[float, T]] = OrderedDict()

    def find(self, target: str, language: str) -> T | None:
        """The response to a recent call."""
        until, response = self._entries.get((target, language), (0.0, None))
        return response if until > self._clock() else None

    def keep(self, target: str, language: str, headers: Mapping[str, str], response: T) -> None:
        """Keep a response if its Cache-Control says that it is public."""
        public = PUBLIC.match(headers.get("cache-control", ""))
        if public is None:
            return
        self._entries[target, language] = self._clock() + min(int(public[1]), MAX_SECONDS), response
        self._entries.move_to_end((target, language))
        while len(self._entries) > MAX_ENTRIES:
            self._entries.popitem(last=False)
