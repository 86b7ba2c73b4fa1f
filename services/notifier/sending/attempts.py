"""One attempt at one message: its provider is called, or asked about an earlier call."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from services.notifier.channels.provider import DeliveryResult, Provider
from services.notifier.metrics import PARTS, SENT
from services.notifier.models.contact import Reach
from services.notifier.models.delivery import FAILED, TRIED_AGAIN, attempted, pause_after, recorded, settle, try_longer
from services.notifier.models.message import SMS
from services.notifier.models.notification import DeliveryState, Notification
from services.notifier.sending.fallback import MAY_MOVE, Fallback
from services.notifier.sending.health import Health
from services.notifier.sending.limits import SmsLimits
from services.notifier.store.rates import RateStore
from services.notifier.writing import sms
from services.notifier.writing.composing import outbound_message, reference_of
from shared.clock import Clock
from shared.seal import KeyRing

ASKED_AFTER = (
    timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=6), timedelta(hours=24), timedelta(hours=72),
)  # fmt: skip
"""How long after accepting a message a provider is asked about it, if it can be asked."""
MAX_ASKED, MAX_ASKED_OF_CODES = 2, 1
"""How often a provider is asked about an unanswered call before the message is sent again."""
URGENT_PATIENCE = 2.0
"""Seconds to wait for an answer about a code: its citizen is waiting, and the other provider can send it."""

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Job:
    """A due message: `provider` is called, or asked (`asks`); without one the message is only saved."""

    notification: Notification
    reach: Reach | None
    provider: Provider | None = None
    asks: bool = False


@dataclass(frozen=True, slots=True)
class Attempts:
    """Does jobs. The result of a job is in its notification, which still has to be saved."""

    providers: Mapping[str, tuple[Provider, ...]]
    health: Health
    rates: RateStore
    fallback: Fallback
    keys: KeyRing
    clock: Clock
    spread: Callable[[], float]
    limits: SmsLimits = field(default_factory=SmsLimits)

    async def do(self, job: Job) -> None:
        """Call or ask the provider of a job. Raises only if the store is unavailable."""
        notification, bad_address = job.notification, False
        if job.asks:
            bad_address = await self._ask(notification, job.provider)
        elif job.provider is not None and notification.expired(self.clock()):
            notification.expire()
        elif job.provider and not job.provider.recording_delivers and self.limits.is_reached(notification):
            notification.cancel()
        elif job.provider is not None:
            bad_address = await self._call(notification, job.provider)
        if notification.state in FAILED:
            await self.fallback.failed(notification, job.reach, bad_address=bad_address)
            if not job.asks and notification.template.startswith(MAY_MOVE):
                try_longer(notification, self.clock())
        elif notification.state is DeliveryState.DELIVERED and not (job.provider and job.provider.recording_delivers):
            await self.fallback.delivered(notification)

    async def _call(self, notification: Notification, provider: Provider) -> bool:
        """Send a message; returns whether its address turned out to be bad."""
        result, begun = DeliveryResult(DeliveryState.TECHNICAL_FAILURE), time.perf_counter()
        try:
            message = outbound_message(notification, self.keys)
            if notification.channel == SMS:
                notification.parts = sms.parts(message.words)
            SENT.labels(notification.channel).inc()
            result = await provider.deliver(message)
        except Exception as error:  # a broken seal, or a bug
            log.error("message.attempt_failed", id=notification.id, error=type(error).__name__)
        if provider.recording_delivers and result.state is DeliveryState.DELIVERED:
            recorded(notification, self.clock())
            return False
        seconds = time.perf_counter() - begun
        self.health.note(provider.name, failed=result.state in TRIED_AGAIN, seconds=seconds)
        if result.pause:
            await self.rates.pause(provider.name, timedelta(seconds=result.pause))
        if result.unsure and provider.can_be_asked:
            notification.due_at = self.clock() + pause_after(1, urgent=notification.urgent)
        else:
            self._answered(notification, provider.name, result, asks=provider.asks_by is not None)
        return result.bad_address

    def _answered(self, notification: Notification, by: str, result: DeliveryResult, *, asks: bool) -> None:
        now = self.clock()
        attempted(
            notification,
            result.state,
            now,
            by=by,
            reference=result.reference,
            unsure=result.unsure,
            providers=len(self.providers.get(notification.channel, ())),
            spread=self.spread,
        )
        if notification.state in (DeliveryState.SENDING, DeliveryState.DELIVERED) and notification.channel == SMS:
            PARTS.labels(notification.template).inc(notification.parts or 1)
        if notification.state is DeliveryState.SENDING and asks:
            notification.due_at = self._asked_next(now, timedelta())

    async def _ask(self, notification: Notification, provider: Provider | None) -> bool:
        """Ask about an unanswered call, or about a message accepted earlier."""
        if notification.calling is None:
            return await self._ask_again(notification, provider)
        called, asked, result = notification.calling["provider"], notification.calling.get("asked", 0) + 1, None
        if provider is not None and provider.can_be_asked:
            result = await self._answer_about(notification, provider)
            if result is None and asked < (MAX_ASKED_OF_CODES if notification.urgent else MAX_ASKED):
                notification.calling = {**notification.calling, "asked": asked}
                notification.due_at = self.clock() + pause_after(asked, urgent=notification.urgent)
                return False
        known = provider is not None and provider.asks_by is not None
        result = result or DeliveryResult(DeliveryState.TEMPORARY_FAILURE, unsure=True)
        self._answered(notification, called, result, asks=known)
        return result.bad_address

    async def _answer_about(self, notification: Notification, provider: Provider) -> DeliveryResult | None:
        reference = notification.ours or reference_of(notification.id, self.keys)
        try:
            async with asyncio.timeout(URGENT_PATIENCE if notification.urgent else None):
                return await provider.ask(reference)
        except TimeoutError:
            return None

    async def _ask_again(self, notification: Notification, provider: Provider | None) -> bool:
        """Ask about an accepted message; after days without an answer it has failed."""
        now, result = self.clock(), None
        taken_for = now - (notification.attempts[-1]["at"] if notification.attempts else notification.created_at)
        if provider is None or provider.asks_by is None:  # the settings have changed: no provider to ask
            notification.due_at = None
            return False
        ours = notification.ours or reference_of(notification.id, self.keys)
        reference = ours if provider.asks_by == "ours" else notification.reference
        if reference is not None:
            result = await provider.ask(reference)
        if result is not None:
            settle(notification, result.state, now, by=provider.name)
        if notification.state is DeliveryState.SENDING and taken_for >= ASKED_AFTER[-1]:
            settle(notification, DeliveryState.TEMPORARY_FAILURE, now, by=provider.name)
        elif notification.state is DeliveryState.SENDING:
            notification.due_at = self._asked_next(now, taken_for)
        return result is not None and result.bad_address

    def _asked_next(self, now: datetime, taken_for: timedelta) -> datetime:
        """When to ask next, with a random offset so that many messages are not asked about at once."""
        wait = next((after for after in ASKED_AFTER if after > taken_for), ASKED_AFTER[-1])
        return now + (wait - taken_for) * (1 + self.spread() / 5)
