"""The events that the broker has confirmed and that are not noted in the database yet.

The relay adds them, and notes them together after 0.4 to 0.8 s. A record that is written before that has them
noted in the same write, which saves an update.
"""

from collections.abc import Mapping

Span = tuple[int, int]
"""The first and the last seq of some events that follow one another."""


class ConfirmedEvents:
    """For each record the events that are to be noted as confirmed. Losing them is harmless: they are sent again."""

    def __init__(self) -> None:
        self._spans: dict[str, Span] = {}
        self._new: set[str] = set()

    def add(self, spans: Mapping[str, Span]) -> None:
        """Add the confirmed events of some records."""
        self._new |= spans.keys() - self._spans.keys()
        for subject, (first, last) in spans.items():
            begun, ended = self._spans.get(subject, (first, first - 1))
            if first == ended + 1:  # after a gap only the sweep may continue
                self._spans[subject] = (begun, last)
            elif last + 1 == begun:  # a retry succeeded after the events that follow it
                self._spans[subject] = (first, ended)

    def last(self, subject: str) -> int:
        """The last seq of a record's confirmed events; 0 for none."""
        return self._spans.get(subject, (0, 0))[1]

    def take(self, subject: str, seq: int) -> Span | None:
        """Take a record's confirmed events, if they are all up to `seq`; the caller notes them, or adds them again."""
        return self._spans.pop(subject) if self.last(subject) == seq and seq else None

    def take_older(self) -> dict[str, Span]:
        """Take what was there at the last call already."""
        older = self._spans.keys() - self._new
        self._new = set()
        return {subject: self._spans.pop(subject) for subject in older}

    def take_all(self) -> dict[str, Span]:
        """Take the confirmed events of all records."""
        spans, self._spans = self._spans, {}
        return spans
