"""Finds the open streams that a wake-up concerns."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from shared.tracking_number import read_number


class Watcher:
    """Wakes one open stream."""

    __slots__ = ("gone", "woken")

    def __init__(self) -> None:
        self.woken = asyncio.Event()
        self.gone = False

    def wake(self) -> None:
        """Make the stream read at once."""
        self.woken.set()

    def leave(self, _: object) -> None:
        """Called when the client has disconnected."""
        self.gone = True
        self.woken.set()


class Watchers:
    """All watchers by key; a key stands for a citizen, a department or a tracking number."""

    def __init__(self) -> None:
        self._by_key: defaultdict[str, set[Watcher]] = defaultdict(set)

    def wake(self, body: dict[str, Any]) -> None:
        """Wake the streams that a wake-up concerns."""
        for kind, key_of in KEYS.items():
            ids = body.get(kind)
            for id_ in ids if isinstance(ids, list) else ():
                for watcher in self._by_key.get(key_of(str(id_)), ()):
                    watcher.wake()

    @contextmanager
    def watching(self, key: str) -> Iterator[Watcher]:
        """A watcher of `key` while the context is open."""
        watcher = Watcher()
        self._by_key[key].add(watcher)
        try:
            yield watcher
        finally:
            self._by_key[key].discard(watcher)
            if not self._by_key[key]:
                del self._by_key[key]


def citizen_key(account: str) -> str:
    """The key of a citizen."""
    return f"citizen {account}"


def department_key(code: str) -> str:
    """The key of all members of a department."""
    return f"department {code}"


def request_key(number: str) -> str:
    """The key of a request, the same for every spelling of its number."""
    return read_number(number) or number


KEYS = {"citizens": citizen_key, "departments": department_key, "requests": request_key}
"""The fields of a wake-up, each with the function that makes keys of its ids."""
