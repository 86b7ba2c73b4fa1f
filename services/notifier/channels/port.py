"""The port: what the notifier needs of those who carry its messages to people, and what they say later."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from services.notifier.models import State


@dataclass(frozen=True, slots=True)
class OutboundMessage:
    """One message as a provider gets it, with no more than the provider needs.

    `reference` is ours, the same on each attempt, and tells nobody whom or what the message is about. `subject` is a
    line for channels that have one. `page` is the address of the portal's page about it, `unsubscribe` the address at
    which one click ends messages of this kind; neither is there for a code.
    """

    reference: str
    address: str
    subject: str
    words: str
    language: str
    page: str | None = None
    unsubscribe: str | None = None


@dataclass(frozen=True, slots=True)
class DeliveryResult:
    """How an attempt ended, or how a message stands: one of `ATTEMPTED`, and the provider's name for the message.

    `unsure` says of a failure that the provider may have taken the message all the same, `bad_address` of a permanent
    one that this address takes no messages at all.
    """

    state: State
    reference: str | None = None
    unsure: bool = False
    bad_address: bool = False
    pause: float = 0.0
    """Seconds for which the provider wants no more messages of ours."""


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


@dataclass(frozen=True, slots=True)
class Report:
    """What a provider says later of a message: by our reference, by its own, or by both.

    `bad_address` as in a `DeliveryResult`.
    """

    ours: str | None
    theirs: str | None
    state: State
    bad_address: bool = False


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """An SMS that somebody sent to us: `id` is the provider's name for it, `sender` a number as `+923001234567`."""

    provider: str
    id: str
    sender: str
    words: str


@dataclass(frozen=True, slots=True)
class Callback:
    """A call of a provider: the address that it called (the portal's own, with path and query), headers and body."""

    url: str
    headers: Mapping[str, str]
    body: bytes


class CallbackRefusedError(Exception):
    """A callback that is not signed by its provider, or not to be understood. It says which, and quotes nothing."""


class Provider(Protocol):
    """Somebody who carries messages over one channel."""

    name: str
    """As metrics and the addresses of callbacks call it: `sms`, `sms-backup`, `email`, `email-backup`, or `dev`."""
    channel: str
    weight: int
    """Its share of the channel's messages, beside the weights of the others."""
    rate: float | None
    """Messages a second that it allows; None where it sets no limit."""
    recording_delivers: bool
    """Whether a message has reached its reader as soon as it is stored: no attempt is needed after the write."""
    at_once: int
    """How many messages it takes at the same time; others wait for their turn there."""
    asks_by: Literal["ours", "theirs"] | None
    """By whose reference it can be asked what became of a message; None where it cannot be asked."""

    @property
    def can_be_asked(self) -> bool:
        """Whether it knows our reference: then it is asked about a message whose answer we never got."""
        ...

    async def deliver(self, message: OutboundMessage) -> DeliveryResult:
        """Hand a message over. Raises nothing: what went wrong is in the result."""
        ...

    async def ask(self, reference: str) -> DeliveryResult | None:
        """What became of a message, by the reference that `asks_by` names. Raises nothing.

        None: it cannot be asked, or did not say. A message that it does not know is a temporary failure: not sent.
        """
        ...

    def reports(self, callback: Callback) -> list[Report]:
        """What a callback says of messages. Raises CallbackRefusedError."""
        ...

    def inbound(self, callback: Callback) -> InboundMessage | None:
        """The SMS that a callback brings; None where it brings none. Raises CallbackRefusedError."""
        ...

    async def close(self) -> None:
        """Close open connections."""
        ...
