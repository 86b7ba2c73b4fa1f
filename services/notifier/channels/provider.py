"""What the notifier needs of a provider of messages, and what all providers outside the house have in common."""

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import structlog
from prometheus_client import Counter, Histogram

from services.notifier.models.notification import DeliveryState

ATTEMPTS = Counter("rabta_message_attempts_total", "Attempts to hand a message to a provider", ["provider", "state"])
SECONDS = Histogram("rabta_message_attempt_seconds", "How long a provider took to answer", ["provider"])

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class OutboundMessage:
    """One message as a provider gets it, with no more than the provider needs.

    `reference` is ours, the same on each attempt, and reveals nothing of the message. `subject` is a
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
    """How an attempt ended, or what became of a message, and the provider's name for the message.

    `state` is `sending` (the provider has taken it), `delivered`, or one of the failures.
    `unsure`: after this failure the provider may have the message all the same. `bad_address`: a permanent
    one that this address takes no messages at all.
    """

    state: DeliveryState
    reference: str | None = None
    unsure: bool = False
    bad_address: bool = False
    pause: float = 0.0
    """Seconds for which the provider wants no more messages of ours."""
    error: str | None = field(default=None, compare=False)
    """The class of the error, or the status of the answer: for the log, without anything of the message."""


@dataclass(frozen=True, slots=True)
class Report:
    """A provider's later report on a message: by our reference, by its own, or by both.

    `bad_address` as in a `DeliveryResult`.
    """

    ours: str | None
    theirs: str | None
    state: DeliveryState
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
    """A callback that is not signed by its provider, or cannot be read. Its text quotes nothing."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How a provider is used: its name here, its share of the channel's messages, and how many a second it allows.

    `patience` is how many seconds an attempt may take.
    """

    name: str
    channel: str
    patience: float
    weight: int = 100
    rate: float | None = None


@dataclass(slots=True)
class Attempt:
    """One attempt: `unsure` is set as soon as the provider may have the message, whatever happens then.

    `answered` is the status of its answer, such as `HTTP 401`: its words may repeat the message, and are in no log.
    """

    unsure: bool = False
    answered: str | None = None


class Provider(ABC):
    """A provider of one channel. What an adapter does not override fits a provider that only takes messages."""

    name: str
    """As metrics and the addresses of callbacks call it: `sms`, `sms-backup`, `email`, `email-backup`, or `dev`."""
    channel: str
    weight: int = 100
    """Its share of the channel's messages, beside the weights of the others."""
    rate: float | None = None
    """Messages a second that it allows; None where it sets no limit."""
    recording_delivers = False
    """Whether a message has reached its reader as soon as it is stored: no attempt is needed after the write."""
    at_once: int = 100
    """How many messages it takes at the same time; others wait for their turn there."""
    asks_by: Literal["ours", "theirs"] | None = None
    """By whose reference it can be asked what became of a message; None where it cannot be asked."""

    @property
    def can_be_asked(self) -> bool:
        """Whether it knows our reference: then it is asked about a message whose answer we never got."""
        return self.asks_by == "ours"

    @abstractmethod
    async def deliver(self, message: OutboundMessage) -> DeliveryResult:
        """Hand a message over. Raises nothing: what went wrong is in the result."""

    async def ask(self, reference: str) -> DeliveryResult | None:
        """What became of a message, by the reference that `asks_by` names. Raises nothing.

        None: it cannot be asked, or gave no answer. A message that it does not know is a temporary failure: not sent.
        """
        return None

    def reports(self, callback: Callback) -> list[Report]:
        """The reports in a callback. Raises CallbackRefusedError."""
        raise CallbackRefusedError("this provider makes no callbacks")

    def inbound(self, callback: Callback) -> InboundMessage | None:
        """The SMS in a callback; None where there is none. Raises CallbackRefusedError."""
        raise CallbackRefusedError("this provider makes no callbacks")

    async def close(self) -> None:  # noqa: B027  (most have nothing open)
        """Close open connections."""


class OutsideProvider(Provider):
    """A provider outside the house. An adapter says how to send, and which errors mean what."""

    temporary: tuple[type[BaseException], ...] = ()
    """Temporary errors, besides timeouts."""

    def __init__(self, terms: Terms) -> None:
        self.name, self.channel = terms.name, terms.channel
        self.weight, self.rate = terms.weight, terms.rate
        self._patience = terms.patience
        self._turns = asyncio.Semaphore(self.at_once)

    @abstractmethod
    async def send(self, message: OutboundMessage, attempt: Attempt) -> DeliveryResult:
        """Hand a message over; may raise what it likes."""

    async def deliver(self, message: OutboundMessage) -> DeliveryResult:
        """Hand a message over. Raises nothing: what went wrong is in the result."""
        if not await self._turn_comes():
            return DeliveryResult(DeliveryState.TEMPORARY_FAILURE)
        begun = time.perf_counter()
        try:
            result = await self._attempt(message)
        finally:
            self._turns.release()
        seconds = time.perf_counter() - begun
        ATTEMPTS.labels(self.name, result.state.value).inc()
        SECONDS.labels(self.name).observe(seconds)
        log.info(
            "message.attempted",
            provider=self.name,
            state=result.state.value,
            seconds=round(seconds, 3),
            error=result.error,
        )
        return result

    async def _turn_comes(self) -> bool:
        """Whether there is room for another message before the patience ends."""
        try:
            async with asyncio.timeout(self._patience):
                await self._turns.acquire()
        except TimeoutError:
            return False
        return True

    async def _attempt(self, message: OutboundMessage) -> DeliveryResult:
        attempt = Attempt()
        try:
            async with asyncio.timeout(self._patience):
                result = await self.send(message, attempt)
                return result if result.state is DeliveryState.SENDING else replace(result, error=attempt.answered)
        except Exception as error:  # an unforeseen error must not hold up the messages of others
            may_pass = isinstance(error, (TimeoutError, OSError, *self.temporary))
            state = DeliveryState.TEMPORARY_FAILURE if may_pass else DeliveryState.TECHNICAL_FAILURE
            return DeliveryResult(state, unsure=attempt.unsure, error=type(error).__name__)
