"""What a stand-in has accepted: every message, how often, and when."""

import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

CODE = re.compile(r"(?<![0-9])[0-9]{6}(?![0-9])")


@dataclass(slots=True)
class Taken:
    """An accepted message. `reference` is the sender's id of it, `id` the stand-in's."""

    id: str
    reference: str
    to: str
    words: str
    sender: str = ""
    subject: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    whole: str = ""
    """The whole email; empty for an SMS."""
    state: str = "queued"
    at: float = field(default_factory=time.time)

    @property
    def key(self) -> str:
        """Two messages with the same key are one: the sender's reference or, without one, words and address."""
        return self.reference or f"{self.to} {self.words}"


class Ledger:
    """All messages accepted since the start or the last `forget`."""

    def __init__(self) -> None:
        self.taken: list[Taken] = []
        self.asked: Counter[str] = Counter()
        """Attempts by how they ended: `taken`, or the name of a fault."""
        self._by_name: dict[str, Taken] = {}
        self._times: Counter[str] = Counter()
        self._tries: Counter[str] = Counter()

    def attempt(self, to: str, words: str) -> str:
        """The id of this attempt: its words, and how often they were tried before."""
        self._tries[f"{to} {words}"] += 1
        return f"{words} {self._tries[f'{to} {words}']}"

    def take(self, message: Taken) -> None:
        """Keep a message."""
        self.taken.append(message)
        self._times[message.key] += 1
        self._by_name[message.id] = message
        if message.reference:
            self._by_name.setdefault(message.reference, message)

    def find(self, name: str) -> Taken | None:
        """A message by the sender's reference or by the stand-in's id."""
        return self._by_name.get(name)

    def select(self, to: str | None = None, since: int = 0, *, codes: bool = False) -> Iterator[Taken]:
        """Messages in order of arrival: after the first `since`, to one address, or only those with a code."""
        for message in self.taken[since:]:
            if (to is None or message.to == to) and (not codes or CODE.search(message.words)):
                yield message

    def counts(self) -> dict[str, Any]:
        """The number of messages, and of those that came more than once."""
        twice = {key: times for key, times in self._times.items() if times > 1}
        return {
            "taken": len(self.taken),
            "messages": len(self._times),
            "more_than_once": len(twice),
            "doubled": dict(list(twice.items())[:20]),
            "asked": dict(self.asked),
        }

    def forget(self) -> None:
        """Delete all messages."""
        self.__init__()  # type: ignore[misc]
