"""One message of a department's feed, with its number."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.clock import written

TEST = ".test"
"""The suffix of a department's feed of invented messages; a department's code has no dot."""


def feed_name(department: str, *, test: bool) -> str:
    """The name of the feed of a department's invented or real messages, which have numbers of their own."""
    return department + TEST if test else department


@dataclass(frozen=True, slots=True)
class FeedMessage:
    """A message for a feed that has no number yet. `body` is JSON.

    `feed` is the code of a department, or the name of its test feed.
    """

    feed: str
    event_id: str
    type: str
    subject: str
    seq: int
    at: datetime
    body: bytes

    @property
    def key(self) -> tuple[str, str]:
        """What makes it one message: the same event has one number in each feed, however often it is published."""
        return (self.feed, self.event_id)


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """A message with its number: 1, 2, 3… without a gap in each feed."""

    message: FeedMessage
    number: int
    stored_at: datetime

    @property
    def is_test(self) -> bool:
        """Whether it is invented."""
        return self.message.feed.endswith(TEST)

    @property
    def department(self) -> str:
        """The code of the department."""
        return self.message.feed.removesuffix(TEST)

    @property
    def headers(self) -> dict[str, Any]:
        """The attributes of the event as it is sent, with the number."""
        message = self.message
        invented = {"ce-test": "true"} if self.is_test else {}
        return invented | {
            "ce-specversion": "1.0",
            "ce-id": message.event_id,
            "ce-source": f"/{message.event_id.partition('/')[0]}",
            "ce-type": message.type,
            "ce-subject": message.subject,
            "ce-time": written(message.at),
            "ce-seq": message.seq,
            "ce-number": self.number,
        }
