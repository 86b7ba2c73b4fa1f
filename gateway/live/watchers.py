"""Finds the open streams that a wake-up is about."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

LOOKALIKES = str.maketrans({"-": None, "O": "0", "I": "1", "L": "1"})


class Watcher:
    """One open stream, as far as waking it goes."""

    __slots__ = ("gone", "woken")

    def __init__(self) -> None:
        self.woken = asyncio.Event()
        self.gone = False

    def wake(self) -> None:
        """Have it look at once."""
        self.woken.set()

    def leave(self, _: object) -> None:
        """Its client hung up."""
        self.gone = True
        self.woken.set()


class Watchers:
    """Who watches what: keys stand for citizens, departments, and tracking numbers in one spelling."""

    def __init__(self) -> None:
        self._by_key: defaultdict[str, set[Watcher]] = defaultdict(set)

    def wake(self, body: dict[str, Any]) -> None:
        """Wake the streams that a wake-up is about."""
        for kind, key_of in KEYS.items():
            ids = body.get(kind)
            for one in ids if isinstance(ids, list) else ():
                for watcher in self._by_key.get(key_of(str(one)), ()):
                    watcher.wake()

    @contextmanager
    def watching(self, key: str) -> Iterator[Watcher]:
        """A watcher of `key` for as long as the context is open."""
        watcher = Watcher()
        self._by_key[key].add(watcher)
        try:
            yield watcher
        finally:
            self._by_key[key].discard(watcher)
            if not self._by_key[key]:
                del self._by_key[key]


def citizen_key(account: str) -> str:
    """What stands for a citizen."""
    return f"citizen {account}"


def department_key(code: str) -> str:
    """The key of all members of a department."""
    return f"department {code}"


def request_key(number: str) -> str:
    """A tracking number in the one spelling by which streams are found, however it was typed."""
    return number.upper().translate(LOOKALIKES)


KEYS = {"citizens": citizen_key, "departments": department_key, "requests": request_key}
"""How wake-ups name the account, request or department they are about."""
