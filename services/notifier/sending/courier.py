"""The courier: delivers what waits, one lease at a time.

It serves messages whose contact was unknown when they were recorded, attempts that failed, and every message of a
channel that needs more than recording. A claim is stored before anything is sent, so that two replicas never send
the same message, and one that died sending is followed up when its lease ends.
"""

import asyncio
import random
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import structlog

from services.notifier.asked import addressed, together, wanted_by
from services.notifier.channels import DeliveryResult, Provider
from services.notifier.code_reports import Receipts
from services.notifier.contacts import Contacts
from services.notifier.gathering import Gathering
from services.notifier.handlers import told_follower
from services.notifier.metrics import SENT
from services.notifier.models import Notification, Reach, State, attempted, pause_unknown
from services.notifier.models.moments import Moment
from services.notifier.store import NotificationStore
from services.notifier.writing.composing import channel_of, letter_of, write
from shared.clock import Clock
from shared.envelope import Envelope
from shared.seal import KeyRing

AT_ONCE = 100

log = structlog.get_logger(__name__)


class Courier:
    """Delivers waiting notifications; run it as a task. `every` and `lease` are seconds."""

    def __init__(
        self,
        contacts: Contacts,
        notifications: NotificationStore,
        receipts: Receipts,
        providers: Mapping[str, tuple[Provider, ...]],
        keys: KeyRing,
        clock: Clock,
        *,
        every: float,
        lease: float,
        outages: tuple[type[BaseException], ...],
        gathering: Gathering,
        spread: Callable[[], float] = random.random,
    ) -> None:
        self._contacts = contacts
        self._notifications = notifications
        self._receipts = receipts
        self._providers = providers
        self._keys = keys
        self._clock = clock
        self._every = every
        self._lease = timedelta(seconds=lease)
        self._outages = outages
        self._gathering = gathering
        self._spread = spread

    async def run(self) -> None:
        """Look for what is due until cancelled."""
        while True:
            await asyncio.sleep(self._every)
            try:
                while await self.round():
                    pass
            except self._outages as error:
                log.warning("courier.store_away", error=type(error).__name__)
            except Exception as error:
                log.error("courier.failed", error=type(error).__name__)

    async def round(self) -> int:
        """Deliver one lot of what is due; how many were attempted."""
        found = await self._notifications.due(AT_ONCE)
        due = await self._gathering.drop_said(found)
        reaches = await self._contacts.reaches({notification.citizen_id for notification in due})
        now = self._clock()
        ready, waiting = [], defaultdict(list)
        for notification in due:
            if notification.expired(now) or notification.citizen_id in reaches:
                ready.append(notification.id)
            else:
                waiting[pause_unknown(notification.created_at, now)].append(notification.id)
        for pause, ids in waiting.items():
            await self._notifications.postpone(ids, pause)
        if not ready:
            return len(found) - len(due)
        claimed = await self._notifications.claim(ready, self._lease)
        ends = await self._notifications.ends({n.subject for n in claimed if n.heard is not None})
        for notification in claimed:
            if notification.overtaken(ends):
                notification.cancel()
                notification.words = None
        sending = [n for n in claimed if n.state is not State.CANCELLED]
        moments = await self._gathering.gather(n for n in sending if n.event is not None)
        await asyncio.gather(*(self._attempt(n, reaches.get(n.citizen_id), moments.get(n.id)) for n in sending))
        if claimed:
            await self._receipts.tell(claimed)
            await self._notifications.save(claimed)
        return len(claimed)

    async def _attempt(self, notification: Notification, reach: Reach | None, moment: Moment | None) -> None:
        if notification.expired(self._clock()):
            notification.expire()
            return
        if reach is None or reach.erased:
            notification.cancel()
            return
        result = DeliveryResult(State.TECHNICAL_FAILURE)
        try:
            if notification.event is not None:
                self._write(notification, notification.event, reach, moment)
            if notification.state is State.NOBODY:
                return
            providers = self._providers.get(notification.channel)
            if not providers:
                notification.state, notification.due_at = State.CREATED, None
                return
            letter = letter_of(notification, self._keys)
            SENT.labels(notification.channel).inc()
            result = await providers[0].deliver(letter)
        except Exception as error:
            log.warning("courier.attempt_failed", id=notification.id, error=type(error).__name__)
        reference, unsure = result.reference, result.unsure
        attempted(notification, result.state, self._clock(), reference=reference, unsure=unsure, spread=self._spread)

    def _write(self, notification: Notification, event: Mapping[str, Any], reach: Reach, moment: Moment | None) -> None:
        envelope = Envelope.of_entry(notification.id.partition("/")[0], notification.subject, event)
        wanted = addressed(wanted_by(envelope), envelope.subject, self._keys)
        if notification.citizen_id != wanted.citizen_id:
            wanted = told_follower(notification.citizen_id, envelope)
        elif moment is not None:
            wanted = together(wanted, moment)
        notification.template = wanted.template
        notification.channel = channel_of(wanted, notification.channel, reach)
        write(notification, wanted, reach, self._keys)
