"""The port: what the notifier needs of a way to reach a handset."""

from dataclasses import dataclass
from typing import Protocol

from services.notifier.models import Notification


@dataclass(frozen=True, slots=True)
class DeliveryResult:
    """How an attempt ended. What was not delivered is tried again."""

    delivered: bool


class Channel(Protocol):
    """One way to reach people."""

    name: str
    recording_delivers: bool
    """Whether a message has reached its reader as soon as it is stored: no attempt is needed after the write."""

    async def deliver(self, notification: Notification, address: str, words: str) -> DeliveryResult:
        """Send `words` to `address` in the clear. The notification's id is the same on each attempt."""
        ...
