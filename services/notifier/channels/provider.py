"""What all providers have in common: an attempt is timed, logged and counted, and its failure has a class."""

import asyncio
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Literal

import structlog
from prometheus_client import Counter, Histogram

from services.notifier.channels.port import (
    Callback,
    CallbackRefusedError,
    DeliveryResult,
    InboundMessage,
    OutboundMessage,
    Report,
)
from services.notifier.models import State

ATTEMPTS = Counter("rabta_message_attempts_total", "Attempts to hand a message to a provider", ["provider", "state"])
SECONDS = Histogram("rabta_message_attempt_seconds", "How long a provider took to answer", ["provider"])

log = structlog.get_logger(__name__)


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


class OutsideProvider(ABC):
    """A provider outside the house. An adapter says how to send, and which errors mean what."""

    recording_delivers = False
    at_once: int = 100
    """Messages that are handed over at the same time; others wait for their turn, and give up when it does not come."""
    asks_by: Literal["ours", "theirs"] | None = None
    temporary: tuple[type[BaseException], ...] = ()
    """Temporary errors, besides timeouts."""

    def __init__(self, terms: Terms) -> None:
        self.name, self.channel = terms.name, terms.channel
        self.weight, self.rate = terms.weight, terms.rate
        self._patience = terms.patience
        self._turns = asyncio.Semaphore(self.at_once)

    @property
    def can_be_asked(self) -> bool:
        """Whether it knows our reference."""
        return self.asks_by == "ours"

    @abstractmethod
    async def send(self, message: OutboundMessage, attempt: Attempt) -> DeliveryResult:
        """Hand a message over; may raise what it likes."""

    async def ask(self, reference: str) -> DeliveryResult | None:
        """What became of a message; None where the provider cannot be asked."""
        return None

    def reports(self, callback: Callback) -> list[Report]:
        """What a callback says of messages. Raises CallbackRefusedError."""
        raise CallbackRefusedError("this provider makes no callbacks")

    def inbound(self, callback: Callback) -> InboundMessage | None:
        """The SMS that a callback brings. Raises CallbackRefusedError."""
        raise CallbackRefusedError("this provider makes no callbacks")

    async def close(self) -> None:  # noqa: B027  (most have nothing open)
        """Close open connections."""

    async def deliver(self, message: OutboundMessage) -> DeliveryResult:
        """Hand a message over. Raises nothing: what went wrong is in the result."""
        if not await self._turn_comes():
            return DeliveryResult(State.TEMPORARY_FAILURE)
        begun = time.perf_counter()
        try:
            result, error = await self._attempt(message)
        finally:
            self._turns.release()
        seconds = time.perf_counter() - begun
        ATTEMPTS.labels(self.name, result.state.value).inc()
        SECONDS.labels(self.name).observe(seconds)
        log.info(
            "message.attempted", provider=self.name, state=result.state.value, seconds=round(seconds, 3), error=error
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

    async def _attempt(self, message: OutboundMessage) -> tuple[DeliveryResult, str | None]:
        attempt = Attempt()
        try:
            async with asyncio.timeout(self._patience):
                result = await self.send(message, attempt)
                return result, None if result.state is State.SENDING else attempt.answered
        except Exception as error:  # an unforeseen error must not hold up the messages of others
            may_pass = isinstance(error, (TimeoutError, OSError, *self.temporary))
            state = State.TEMPORARY_FAILURE if may_pass else State.TECHNICAL_FAILURE
            return DeliveryResult(state, unsure=attempt.unsure), type(error).__name__
