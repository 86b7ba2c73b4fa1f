"""Sends messages to webhooks, each webhook's one after another in the order of their numbers.

A replica takes a webhook by a lease on the server's clock; what it had sent before it died may be sent again by the
next one. A message that is not taken is tried again with growing pauses, and the later ones wait for it.
"""

import asyncio
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import aiohttp
import structlog

from services.routing.directory import Directory
from services.routing.feed.invented import one_of_each
from services.routing.feed.models import FeedEntry, feed_name
from services.routing.feed.store import FeedStore
from services.routing.models.directory import DepartmentRecord
from services.routing.store.departments import DepartmentStore
from services.routing.subscriptions import schemas
from services.routing.subscriptions.addresses import InsideAddressError, checked_socket
from services.routing.subscriptions.messages import body_of, headers_of
from services.routing.subscriptions.models.sending import RetryRule, Sending
from services.routing.subscriptions.models.subscription import Subscription, found_in
from services.routing.subscriptions.registry import all_in, known_subscription, note_change
from services.routing.subscriptions.store import ProgressStore
from shared.changing import OvertakenError, change
from shared.clock import Clock, utc_now
from shared.errors import ConflictError
from shared.mongo import OUTAGES
from shared.seal import KeyRing, SealPurpose

LEASE = timedelta(seconds=40)
BATCH = 50
BATCH_SECONDS = 10.0
"""A batch ends after this; with the last message's timeout it stays within the lease."""
TIMEOUT = aiohttp.ClientTimeout(total=20, connect=10, sock_read=15)
SHORT_TIMEOUT = aiohttp.ClientTimeout(total=8)
"""Of a test message, whose sender waits at a page."""
MAX_READ = 4096
"""So much of an answer is read; only its status counts."""
AT_ONCE = 50
"""Webhooks to which one replica sends at a time."""
GONE = 410
HEADERS = {"Content-Type": "application/json", "User-Agent": "Rabta-Webhook/1"}

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Failure:
    """Why a message was not taken: the status, or the kind of fault; and the pause that the receiver asked for."""

    error: str
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class WebhookSender:
    """The sending side of all webhooks. `trial`: loopback may be called, as in the demo. `clock`: the server's."""

    departments: DepartmentStore
    directory: Directory
    progress: ProgressStore
    feed: FeedStore
    keys: KeyRing
    rule: RetryRule
    clock: Clock
    trial: bool
    running: dict[str, asyncio.Task[None]] = field(default_factory=dict, init=False)

    async def try_out(self, department: str, wanted: str) -> schemas.WebhookTried:
        """Send one invented message at once, whatever waits, and note nothing, so that the head sees if it is taken.

        Raises NotFoundError, ConflictError.
        """
        subscription = await known_subscription(self.directory, department, wanted)
        if not subscription.is_webhook:
            raise ConflictError("subscription-without-address")
        first = await self.feed.newest(feed_name(department, test=True)) + 1
        invented = one_of_each(department, self.directory.department(department).name, first, utc_now())[:1]
        [entry] = await self.feed.append(invented)
        failure = await self.send_now(subscription, entry)
        return {"number": entry.number, "taken": failure is None, "error": failure.error if failure else None}

    async def send_now(self, subscription: Subscription, entry: FeedEntry) -> Failure | None:
        """Send one message while somebody waits for the result; None where the receiver took it."""
        async with self._session(SHORT_TIMEOUT) as http:
            return await self._send(http, subscription, entry)

    def _session(self, timeout: aiohttp.ClientTimeout = TIMEOUT) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            limit=AT_ONCE, use_dns_cache=False, socket_factory=checked_socket(trial=self.trial), keepalive_timeout=15
        )
        cookies = aiohttp.DummyCookieJar()
        return aiohttp.ClientSession(  # an answer is not unpacked: a small one may hold gigabytes
            connector=connector, timeout=timeout, cookie_jar=cookies, auto_decompress=False
        )

    async def run(self, every: float) -> None:
        """Look for waiting messages every `every` seconds, until cancelled."""
        async with self._session() as http:
            try:
                while True:
                    await self._look(http)
                    await asyncio.sleep(every)
            finally:
                for task in self.running.values():
                    task.cancel()
                await asyncio.gather(*self.running.values(), return_exceptions=True)

    async def _look(self, http: aiohttp.ClientSession) -> None:
        try:
            for subscription in await self._due():
                task = asyncio.create_task(self._drive(http, subscription), name=subscription.id)
                self.running[subscription.id] = task
                task.add_done_callback(lambda ended: self.running.pop(ended.get_name(), None))
        except OUTAGES as error:
            log.warning("webhooks.store_away", error=type(error).__name__)
        except Exception as error:
            log.error("webhooks.look_failed", error=type(error).__name__)

    async def _due(self) -> list[Subscription]:
        """The webhooks for which a message waits and that may be sent now; costs nothing where there is none."""
        active = {
            one.id: one
            for one in all_in(self.directory)
            if one.is_webhook and one.paused_at is None and one.id not in self.running
        }
        if not active or len(self.running) >= AT_ONCE:
            return []
        ready = [sending for sending, now in await self.progress.load_many(Sending, active) if sending.is_due(now)]
        newest = {feed: await self.feed.newest(feed) for feed in {active[one.id].feed for one in ready}}
        waiting = [active[one.id] for one in ready if one.acked_up_to < newest[active[one.id].feed]]
        return waiting[: AT_ONCE - len(self.running)]

    async def _drive(self, http: aiohttp.ClientSession, subscription: Subscription) -> None:
        """Send until nothing waits, or a message is not taken."""
        try:
            while (sending := await self._claimed(subscription)) is not None:
                entries = await self.feed.after(subscription.feed, sending.acked_up_to, BATCH)
                try:
                    failure = await self._send_batch(http, subscription, sending, entries)
                except asyncio.CancelledError:  # this process ends: another one continues at once
                    sending.release()
                    await self.progress.save(sending)
                    raise
                if sending.stopped_at is not None:
                    await self._tell(subscription, str(sending.error))
                sending.release()
                await self.progress.save(sending)
                if failure is not None or not entries:
                    return
        except OvertakenError:
            log.info("webhook.overtaken", subscription=subscription.id)
        except OUTAGES as error:
            log.warning("webhooks.store_away", error=type(error).__name__)
        except Exception as error:  # the others are sent to all the same; its lease ends
            log.error("webhook.not_sent", subscription=subscription.id, error=type(error).__name__)

    async def _claimed(self, subscription: Subscription) -> Sending | None:
        """The progress, leased to this replica; None where another sends, or nothing may be sent."""
        current = found_in(all_in(self.directory), subscription.id)
        sending, now = await self.progress.load(Sending, subscription.id)
        if current is None or current.paused_at is not None or sending is None or not sending.is_due(now):
            return None
        sending.claim(secrets.token_hex(6), now + LEASE)
        await self.progress.save(sending)
        return sending

    async def _send_batch(
        self, http: aiohttp.ClientSession, subscription: Subscription, sending: Sending, entries: Sequence[FeedEntry]
    ) -> Failure | None:
        """Send in order, and note what was taken; the failure that ended it."""
        end = time.monotonic() + BATCH_SECONDS
        for entry in entries:
            failure = await self._send(http, subscription, entry)
            if failure is not None:
                self._note(subscription, sending, failure)
                return failure
            sending.delivered(entry.number, self.clock())
            if time.monotonic() > end:
                break
        return None

    def _note(self, subscription: Subscription, sending: Sending, failure: Failure) -> None:
        sending.failed(failure.error, self.clock(), self.rule, failure.retry_after)
        if failure.error == str(GONE):
            sending.stop(self.clock())
        known = {"department": subscription.department, "subscription": subscription.id, "error": failure.error}
        if sending.stopped_at is not None:
            log.warning("webhook.stopped", **known)
        else:
            log.info("webhook.failed", **known, failures=sending.failures)

    async def _tell(self, subscription: Subscription, error: str) -> None:
        """Tell the head of the department, and the audit. Before it is stored: rather twice than never."""

        def stopped(record: DepartmentRecord) -> None:
            note_change(record, subscription, f"stopped ({error})", DepartmentRecord.source, stopped=True)

        await change(self.departments, subscription.department, stopped)

    async def _send(self, http: aiohttp.ClientSession, subscription: Subscription, entry: FeedEntry) -> Failure | None:
        """Send one message; None where the receiver has it."""
        body, now = body_of(entry), utc_now()
        signed = headers_of(entry.message.event_id, now, body, self._secrets(subscription))
        try:
            async with http.post(
                str(subscription.url), data=body, headers=HEADERS | signed, allow_redirects=False
            ) as answer:
                await answer.content.read(MAX_READ)
                if 200 <= answer.status < 300:
                    return None
                return Failure(str(answer.status), retry_after_of(answer.headers.get("Retry-After", "")))
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            return Failure(fault_of(error))

    def _secrets(self, subscription: Subscription) -> list[str]:
        """The live secrets. Raises SealBrokenError."""
        current = found_in(all_in(self.directory), subscription.id) or subscription
        return [
            self.keys.unseal(sealed, SealPurpose.SUBSCRIPTION_SECRET, owner=subscription.id)
            for sealed in current.live_secrets(utc_now())
        ]


def retry_after_of(text: str) -> timedelta | None:
    """The pause that a receiver asks for in seconds; None where it does not, or as a date."""
    return timedelta(seconds=int(text)) if text.isascii() and text.isdigit() and len(text) < 8 else None


def fault_of(error: BaseException) -> str:
    """The kind of a fault, without what it says: `inside`, `tls`, `timeout`, `connection` or `answer`."""
    causes = [error, error.__cause__, getattr(error, "os_error", None)]
    if any(isinstance(cause, InsideAddressError) for cause in causes):
        return "inside"
    if isinstance(error, aiohttp.ClientSSLError):
        return "tls"
    if isinstance(error, TimeoutError):
        return "timeout"
    return "connection" if isinstance(error, aiohttp.ClientConnectionError | OSError) else "answer"
