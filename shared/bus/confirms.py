"""Publisher confirms: whether the broker has stored each published message."""

import asyncio
from collections.abc import Sequence
from itertools import takewhile


class Batch:
    """Messages published together; `settled` is done when each is confirmed or refused, or the connection is lost."""

    def __init__(self, first: int, count: int) -> None:
        self._first = first
        self._left = count
        self.safe = [False] * count
        self.settled: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def note(self, tag: int, *, safe: bool) -> None:
        """Record the broker's answer about one message."""
        self.safe[tag - self._first] = safe
        self._left -= 1
        if not self._left and not self.settled.done():
            self.settled.set_result(None)

    @property
    def complete(self) -> bool:
        """Whether the broker has answered about each message."""
        return not self._left


class Confirms:
    """The confirms of one channel, by delivery tag."""

    def __init__(self) -> None:
        self._last = 0
        self._open: dict[int, Batch] = {}
        self._tags: dict[str, int] = {}
        self._returned: set[int] = set()

    def expect(self, message_ids: Sequence[str]) -> Batch:
        """Register messages that are written to the channel next, in this order."""
        batch = Batch(self._last + 1, len(message_ids))
        for message_id in message_ids:
            self._last += 1
            self._open[self._last] = batch
            self._tags[message_id] = self._last
        return batch

    def forget(self, message_ids: Sequence[str]) -> None:
        """Stop matching returned messages by these ids."""
        for message_id in message_ids:
            self._tags.pop(message_id, None)

    def returned(self, message_id: str | None) -> None:
        """Record that no queue takes a message; its confirm still comes, and counts as a refusal."""
        tag = self._tags.get(message_id or "")
        if tag is not None:
            self._returned.add(tag)

    def confirmed(self, tag: int, *, multiple: bool, safe: bool) -> None:
        """Record that the broker confirmed or refused a message (`multiple`: all up to it)."""
        for each in list(takewhile(tag.__ge__, self._open)) if multiple else [tag]:
            batch = self._open.pop(each, None)
            if batch is not None:
                batch.note(each, safe=safe and each not in self._returned)
            self._returned.discard(each)

    def lost(self) -> None:
        """Settle all open batches: the connection is lost, and no more confirms will come."""
        for batch in self._open.values():
            if not batch.settled.done():
                batch.settled.set_result(None)
        self._open.clear()
