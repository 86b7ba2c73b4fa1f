"""The port: what the notifier needs of a way to reach people."""

from dataclasses import dataclass
from typing import Protocol

from services.notifier.models import State


@dataclass(frozen=True, slots=True)
class Letter:
    """One message as a provider gets it, with no more than the provider needs.

    `reference` is ours, the same on each attempt, and tells nobody whom or what the message is about. `subject` is a
    line for channels that have one.
    """

    reference: str
    address: str
    subject: str
    words: str
    language: str


@dataclass(frozen=True, slots=True)
class DeliveryResult:
    """How an attempt ended: one of `ATTEMPTED`, and the name that the provider gave to the message.

    `unsure` says of a failure that the provider may have taken the message all the same.
    """

    state: State
    reference: str | None = None
    unsure: bool = False


ATTEMPTED = frozenset(
    {
        State.SENDING,
        State.DELIVERED,
        State.TEMPORARY_FAILURE,
        State.PERMANENT_FAILURE,
        State.TECHNICAL_FAILURE,
    }
)
"""In this order: taken by the provider, arrived, may work later, never will, our own or our settings' fault."""


class Channel(Protocol):
    """One way to reach people."""

    name: str
    recording_delivers: bool
    """Whether a message has reached its reader as soon as it is stored: no attempt is needed after the write."""

    async def deliver(self, letter: Letter) -> DeliveryResult:
        """Hand a message over. Raises nothing: what went wrong is in the result."""
        ...

    async def close(self) -> None:
        """Close open connections."""
        ...
