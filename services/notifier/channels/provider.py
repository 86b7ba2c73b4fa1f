"""The interface of a provider of messages, and the common part of all external providers."""

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
    """A message as a provider gets it, with nothing that the provider does not need.

    `reference` is ours, the same for each attempt, and reveals nothing of the message. `subject` is for channels that
    have one. `page` is the address of the portal's page about it, `unsubscribe` the address at which one click stops
    messages of this kind; a code has neither.
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
    """The result of an attempt, or the state of a message, with the provider's reference.

    `state` is `sending` (the provider has accepted it), `delivered`, or a failure.
    `unsure`: despite this failure the provider may have the message. `bad_address`: a permanent failure for every
    message to this address.
    """

    state: DeliveryState
    reference: str | None = None
    unsure: bool = False
    bad_address: bool = False
    pause: float = 0.0
    """Seconds for which the provider wants no more messages."""
    error: str | None = field(default=None, compare=False)
    """The class of the error, or the status of the response: for the log, without content of the message."""


@dataclass(frozen=True, slots=True)
class Report:
    """A provider's later report on a message, by our reference, its own, or both.

    `bad_address` as in a `DeliveryResult`.
    """

    ours: str | None
    theirs: str | None
    state: DeliveryState
    bad_address: bool = False


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """An inbound SMS: `id` is the provider's reference, `sender` a number as `+923001234567`."""

    provider: str
    id: str
    sender: str
    words: str


@dataclass(frozen=True, slots=True)
class Callback:
    """A call of a provider: the called address (the portal's, with path and query), headers and body."""

    url: str
    headers: Mapping[str, str]
    body: bytes


class CallbackRefusedError(Exception):
    """A callback without a valid signature, or an unreadable one. The error quotes nothing."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How a provider is used: its name, its share of the channel's messages, and its rate per second.

    `patience` is the maximum number of seconds of an attempt.
    """

    name: str
    channel: str
    patience: float
    weight: int = 100
    rate: float | None = None


@dataclass(slots=True)
class Attempt:
    """One attempt. `unsure` is set as soon as the provider may have the message, whatever happens then.

    `answered` is the status of the response, such as `HTTP 401`. Its text may repeat the message and is never logged.
    """

    unsure: bool = False
    answered: str | None = None


class Provider(ABC):
    """A provider of one channel. The defaults fit a provider that only accepts messages."""

    name: str
    """Its name in metrics and callback addresses: `sms`, `sms-backup`, `email`, `email-backup`, or `dev`."""
    channel: str
    weight: int = 100
    """Its share of the channel's messages, relative to the weights of the others."""
    rate: float | None = None
    """Messages a second that it allows; None if there is no limit."""
    recording_delivers = False
    """Whether storing a message delivers it, so that no attempt is needed."""
    at_once: int = 100
    """How many messages it accepts at the same time; others wait."""
    asks_by: Literal["ours", "theirs"] | None = None
    """Whose reference it needs to be asked about a message; None if it cannot be asked."""

    @property
    def can_be_asked(self) -> bool:
        """Whether it knows our reference, so that it can be asked about an unanswered call."""
        return self.asks_by == "ours"

    @abstractmethod
    async def deliver(self, message: OutboundMessage) -> DeliveryResult:
        """Send a message. Never raises: the result contains any error."""

    async def ask(self, reference: str) -> DeliveryResult | None:
        """Ask about a message, by the reference that `asks_by` names. Never raises.

        None: it cannot be asked, or did not answer. An unknown message was not sent: a temporary failure.
        """
        return None

    def reports(self, callback: Callback) -> list[Report]:
        """The reports in a callback. Raises CallbackRefusedError."""
        raise CallbackRefusedError("this provider makes no callbacks")

    def inbound(self, callback: Callback) -> InboundMessage | None:
        """The SMS in a callback; None if there is none. Raises CallbackRefusedError."""
        raise CallbackRefusedError("this provider makes no callbacks")

    async def close(self) -> None:  # noqa: B027  (most have nothing open)
        """Close open connections."""


class OutsideProvider(Provider):
    """An external provider. An adapter implements sending, and the meaning of errors."""

    temporary: tuple[type[BaseException], ...] = ()
    """Temporary errors, besides timeouts."""

    def __init__(self, terms: Terms) -> None:
        self.name, self.channel = terms.name, terms.channel
        self.weight, self.rate = terms.weight, terms.rate
        self._patience = terms.patience
        self._turns = asyncio.Semaphore(self.at_once)

    @abstractmethod
    async def send(self, message: OutboundMessage, attempt: Attempt) -> DeliveryResult:
        """Send a message; may raise any error."""

    async def deliver(self, message: OutboundMessage) -> DeliveryResult:
        """Send a message. Never raises: the result contains any error."""
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
        """Wait for a free slot; False if there is none before the timeout."""
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
        except Exception as error:  # an unforeseen error must not delay other messages
            may_pass = isinstance(error, (TimeoutError, OSError, *self.temporary))
            state = DeliveryState.TEMPORARY_FAILURE if may_pass else DeliveryState.TECHNICAL_FAILURE
            return DeliveryResult(state, unsure=attempt.unsure, error=type(error).__name__)
