"""The courier delivers waiting messages. On each channel, codes have a lane with workers of their own.

Before a call it stores a claim with the provider. So two replicas never send the same message, and after a crash that
provider is asked about it.
"""

import asyncio
import random
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from services.notifier.channels.provider import Provider
from services.notifier.contacts import Contacts
from services.notifier.metrics import OLDEST, SETTLED
from services.notifier.models.contact import Reach
from services.notifier.models.delivery import last_failed
from services.notifier.models.message import EMAIL, SMS
from services.notifier.models.notification import WAITING, DeliveryState, Notification
from services.notifier.sending.attempts import Attempts, Job
from services.notifier.sending.fallback import Fallback
from services.notifier.sending.health import Health
from services.notifier.sending.lane import Lane
from services.notifier.sending.preparing import Preparer
from services.notifier.store.notifications import NotificationStore
from services.notifier.store.rates import RateStore
from services.notifier.writing.composing import reference_of
from shared.clock import Clock
from shared.errors import UnavailableError
from shared.groupcommit import GroupCommit
from shared.seal import KeyRing

BATCH_SIZE = 100
WORKERS = 32
MAX_SAVE_PAUSE = 2.0

log = structlog.get_logger(__name__)


@dataclass(eq=False)
class Courier:
    """Delivers waiting notifications; run it as a task. `every` and `lease` are seconds."""

    contacts: Contacts
    notifications: NotificationStore
    providers: Mapping[str, tuple[Provider, ...]]
    keys: KeyRing
    clock: Clock
    every: float
    lease: float
    outages: tuple[type[BaseException], ...]
    rates: RateStore
    fallback: Fallback
    workers: int = WORKERS
    patience: float = 10.0
    spread: Callable[[], float] = random.random

    def __post_init__(self) -> None:
        self.health, self.outages = Health(), (*self.outages, UnavailableError)
        self.preparer = Preparer(self.contacts, self.notifications, self.keys, self.clock)
        self.attempts = Attempts(
            self.providers, self.health, self.rates, self.fallback, self.keys, self.clock, self.spread
        )
        self.saving: GroupCommit[Notification, None] = GroupCommit(self._save, in_flight=2, most=BATCH_SIZE)
        self.lanes = {(one, urgent): self._lane(one, urgent=urgent) for urgent in (True, False) for one in (SMS, EMAIL)}

    async def run(self) -> None:
        """Work until cancelled, then finish running jobs."""
        try:
            async with asyncio.TaskGroup() as lanes:
                for lane in self.lanes.values():
                    lanes.create_task(lane.run())
        finally:
            await asyncio.gather(*(lane.finish(self.patience) for lane in self.lanes.values()))

    def wake(self, *, urgent: bool = True) -> None:
        """Look for messages at once."""
        for (_, is_urgent), lane in self.lanes.items():
            if is_urgent == urgent:
                lane.wake()

    async def round(self) -> int:
        """Deliver one batch of due messages in each lane; returns their number."""
        return sum([await lane.round(BATCH_SIZE) for lane in self.lanes.values()])

    async def measure(self) -> None:
        """Report how old the oldest waiting messages are."""
        for channel, urgent in self.lanes:
            age = await self.notifications.oldest_due(channel, urgent=urgent)
            OLDEST.labels(channel, _lane_name(urgent=urgent)).set(max(age.total_seconds(), 0))

    def _lane(self, channel: str, *, urgent: bool) -> Lane:
        workers, name = self.workers, f"{channel} {_lane_name(urgent=urgent)}"
        if not urgent and (providers := self.providers.get(channel)):
            # One slot is left for codes: providers send in order of arrival, and a code would wait there.
            workers = min(workers, max(1, min(one.at_once for one in providers) - 1))
        return Lane(name, lambda limit: self._find(channel, limit, urgent=urgent), self._do, workers, self.every)

    async def _find(self, channel: str, limit: int, *, urgent: bool) -> tuple[Sequence[Job], float]:
        """Claim at most `limit` due messages, and decide what to do with each."""
        found = await self.notifications.due(channel, min(limit, BATCH_SIZE), urgent=urgent)
        read = {one.id: one.due_at for one in found if one.due_at is not None}
        jobs, called = [], defaultdict(list)
        for notification, reach in await self.preparer.ready(found):
            job = self._plan(notification, reach, read[notification.id], urgent=urgent)
            if job.provider is None or job.asks or job.provider.recording_delivers:
                jobs.append(job)
            else:
                called[job.provider].append(job)
        pause = self.every
        for provider, waiting in called.items():
            room, wait = await self.rates.take(provider.name, provider.rate, len(waiting), urgent=urgent)
            going, left = waiting[:room], waiting[room:]
            if left and wait > self.every:
                going += await self._at_another(provider, left, urgent=urgent)
            jobs += going
            pause = min(pause, wait) if len(going) < len(waiting) else pause
        return await self._claim(jobs, read), pause

    async def _at_another(self, full: Provider, waiting: Sequence[Job], *, urgent: bool) -> list[Job]:
        """The jobs that move to another provider, because their own would not take them for a while."""
        going: list[Job] = []
        for other in self.providers.get(full.channel, ()):
            left = waiting[len(going) :]
            if left and other is not full and self.health.is_well(other.name):
                room, _ = await self.rates.take(other.name, other.rate, len(left), urgent=urgent)
                for job in left[:room]:
                    job.provider = other
                going += left[:room]
        return going

    def _plan(self, notification: Notification, reach: Reach | None, was_due: datetime, *, urgent: bool) -> Job:
        job = Job(notification, reach)
        providers = self.providers.get(notification.channel, ())
        if notification.is_under_way:
            name = notification.calling["provider"] if notification.calling else notification.provider
            job.provider, job.asks = self._named(name), True
        elif notification.state in WAITING and not providers:
            notification.state, notification.due_at = DeliveryState.CREATED, None
        elif notification.state in WAITING and (notification.due_at or was_due) <= was_due:  # not postponed meanwhile
            job.provider = self.health.choose(providers, avoid=last_failed(notification), urgent=urgent)
        return job

    async def _claim(self, jobs: Sequence[Job], read: Mapping[str, datetime]) -> list[Job]:
        for job in jobs:
            if job.provider is not None and not job.asks:
                job.notification.state = DeliveryState.SENDING
                if not job.provider.recording_delivers:
                    job.notification.calling = {"provider": job.provider.name, "at": self.clock()}
                    job.notification.ours = reference_of(job.notification.id, self.keys)
        if not jobs:
            return []
        mine = await self.notifications.claim(read, [job.notification for job in jobs], timedelta(seconds=self.lease))
        return [job for job in jobs if job.notification.id in mine]

    async def _do(self, job: Job) -> None:
        """Do a job and save its result. While the store is unavailable, retry until the lease ends."""
        notification, until = job.notification, asyncio.get_running_loop().time() + self.lease
        try:
            await self.attempts.do(job)
            pause = 0.1
            while True:
                try:
                    await self.saving.submit(notification)
                    break
                except self.outages as error:
                    log.warning("courier.store_away", error=type(error).__name__)
                    if asyncio.get_running_loop().time() + pause > until:
                        return
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, MAX_SAVE_PAUSE)
        except Exception as error:  # it is retried after its lease
            log.error("courier.failed", id=notification.id, error=type(error).__name__)
            return
        provider = job.provider.name if job.provider else ""
        if notification.state is not DeliveryState.CREATED:
            SETTLED.labels(notification.channel, provider, notification.state.value).inc()
        elif notification.urgent or (notification.due_at or self.clock()) <= self.clock():
            self.wake(urgent=notification.urgent)

    async def _save(self, notifications: Sequence[Notification]) -> Sequence[None]:
        await self.contacts.publish_delivered_codes(notifications)
        await self.notifications.save(notifications)
        return [None] * len(notifications)

    def _named(self, name: str | None) -> Provider | None:
        every = (one for providers in self.providers.values() for one in providers)
        return next((one for one in every if one.name == name), None)


def _lane_name(*, urgent: bool) -> str:
    return "codes" if urgent else "notices"
