"""What all providers have in common: an attempt is timed, logged and counted, and its failure has a class."""

import asyncio
import time
from abc import ABC, abstractmethod

import structlog
from prometheus_client import Counter, Histogram

from services.notifier.channels.port import DeliveryResult, Letter
from services.notifier.models import State

ATTEMPTS = Counter("rabta_message_attempts_total", "Attempts to hand a message to a provider", ["channel", "state"])
SECONDS = Histogram("rabta_message_attempt_seconds", "How long a provider took to answer", ["channel"])

log = structlog.get_logger(__name__)


class Provider(ABC):
    """A channel that an outside provider delivers. An adapter says how to send, and which errors mean what."""

    recording_delivers = False
    temporary: tuple[type[BaseException], ...] = ()
    """Temporary errors, besides timeouts."""

    def __init__(self, name: str, patience: float) -> None:
        """`patience` is how many seconds an attempt may take."""
        self.name = name
        self._patience = patience

    @abstractmethod
    async def send(self, letter: Letter) -> DeliveryResult:
        """Hand a message over; may raise what it likes."""

    async def close(self) -> None:  # noqa: B027  (most have nothing open)
        """Close open connections."""

    async def deliver(self, letter: Letter) -> DeliveryResult:
        """Hand a message over. Raises nothing: what went wrong is in the result."""
        begun = time.perf_counter()
        result, error = await self._attempt(letter)
        seconds = time.perf_counter() - begun
        ATTEMPTS.labels(self.name, result.state.value).inc()
        SECONDS.labels(self.name).observe(seconds)
        log.info(
            "message.attempted", channel=self.name, state=result.state.value, seconds=round(seconds, 3), error=error
        )
        return result

    async def _attempt(self, letter: Letter) -> tuple[DeliveryResult, str | None]:
        try:
            async with asyncio.timeout(self._patience):
                return await self.send(letter), None
        except Exception as error:  # an unforeseen error must not hold up the messages of others
            may_pass = isinstance(error, (TimeoutError, OSError, *self.temporary))
            state = State.TEMPORARY_FAILURE if may_pass else State.TECHNICAL_FAILURE
            return DeliveryResult(state, unsure=isinstance(error, TimeoutError)), type(error).__name__
