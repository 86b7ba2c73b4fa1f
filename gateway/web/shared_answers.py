"""What services say to everybody alike, kept for some seconds: the catalogue and the departments.

Most pages need one of them. Kept here they cost no call, and a page does not count as one against the limits of an
address that hundreds of people share.
"""

import re
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

T = TypeVar("T")
MAX_SECONDS = 10
"""However long an answer may be kept: what an administrator publishes is to be seen soon."""
MAX_ANSWERS = 500
PUBLIC = re.compile(r"public, max-age=(\d{1,9})")


class SharedAnswers(Generic[T]):
    """Answers by what was asked for, the oldest going first where there are too many."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: OrderedDict[tuple[str, str], tuple[float, T]] = OrderedDict()

    def find(self, target: str, language: str) -> T | None:
        """The answer to a question that was asked a moment ago."""
        until, answer = self._kept.get((target, language), (0.0, None))
        return answer if until > self._clock() else None

    def keep(self, target: str, language: str, headers: Mapping[str, str], answer: T) -> None:
        """Keep an answer, where its service says that it is for everybody."""
        public = PUBLIC.match(headers.get("cache-control", ""))
        if public is None:
            return
        self._kept[target, language] = self._clock() + min(int(public[1]), MAX_SECONDS), answer
        self._kept.move_to_end((target, language))
        while len(self._kept) > MAX_ANSWERS:
            self._kept.popitem(last=False)
