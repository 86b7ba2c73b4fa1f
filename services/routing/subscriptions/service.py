"""Making and changing a department's subscriptions: by its head, or by an administrator."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from services.routing.directory import Directory
from services.routing.feed.models import FeedEntry
from services.routing.feed.store import FeedStore
from services.routing.models.directory import DepartmentRecord
from services.routing.store.departments import DepartmentStore
from services.routing.subscriptions import schemas
from services.routing.subscriptions.addresses import UrlRefusedError, read_url
from services.routing.subscriptions.messages import new_secret
from services.routing.subscriptions.models.position import Position
from services.routing.subscriptions.models.sending import Sending
from services.routing.subscriptions.models.subscription import (
    MAX_SUBSCRIPTIONS,
    Subscription,
    found_in,
    new_id,
)
from services.routing.subscriptions.registry import note_change, subscriptions_of
from services.routing.subscriptions.store import AnyProgress, ProgressStore
from shared.changing import change, retry_overtaken
from shared.clock import utc_now, written
from shared.errors import ConflictError, InvalidError, NotFoundError, field_error
from shared.paging import time_text
from shared.seal import KeyRing, SealPurpose

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Subscriptions:
    """The use cases. `trial`: webhooks may lead to loopback, as in the demo."""

    departments: DepartmentStore
    directory: Directory
    progress: ProgressStore
    feed: FeedStore
    keys: KeyRing
    trial: bool

    async def all(self, department: str) -> schemas.SubscriptionStates:
        """Those of a department, the oldest first. Raises NotFoundError."""
        record = await self.departments.get(department)
        if record is None:
            raise NotFoundError
        return {
            "department": department,
            "subscriptions": [await self._state(one) for one in subscriptions_of(record)],
        }

    async def get(self, department: str, wanted: str) -> schemas.SubscriptionState:
        """One of them. Raises NotFoundError."""
        return await self._state(await self._find(department, wanted))

    async def create(
        self, department: str, new: schemas.SubscriptionEntry, by: str, language: str
    ) -> schemas.NewSubscriptionState:
        """Make one; the secret of a webhook is shown this once. It gets what comes from now on, or after a number.

        Raises NotFoundError, InvalidError, ConflictError.
        """
        self._check_url(new, language)
        made = Subscription(new_id(), department, new.name, new.kind, new.mode, utc_now(), new.url)
        secret = new_secret() if made.is_webhook else None
        if secret is not None:
            made = made.with_secret(self._sealed(secret, made.id), None)
        newest = await self.feed.newest(made.feed)
        start = newest if new.after is None else min(new.after, newest)
        await self.progress.add(
            Sending(made.id, acked_up_to=start) if made.is_webhook else Position(made.id, handed_up_to=start)
        )

        def step(record: DepartmentRecord) -> None:
            if len(record.subscriptions) >= MAX_SUBSCRIPTIONS:
                raise ConflictError("too-many-subscriptions", most=MAX_SUBSCRIPTIONS)
            record.subscriptions = [*record.subscriptions, made.document()]

        await self._write(department, made, "created", by, step)
        return {**await self._state(made), "secret": secret}

    async def rotate(
        self, department: str, wanted: str, by: str, keep_old_hours: int | None
    ) -> schemas.NewSubscriptionState:
        """Give a webhook a new secret, shown this once; the old one ends now, or also signs for `keep_old_hours`.

        Raises NotFoundError, ConflictError.
        """
        found = await self._find(department, wanted)
        if not found.is_webhook:
            raise ConflictError("subscription-without-secret")
        secret, old_until = new_secret(), utc_now() + timedelta(hours=keep_old_hours) if keep_old_hours else None
        sealed = self._sealed(secret, found.id)
        changed = await self._replace(found, "rotated", by, lambda one: one.with_secret(sealed, old_until))
        return {**await self._state(changed), "secret": secret}

    async def pause(self, department: str, wanted: str, by: str) -> schemas.SubscriptionState:
        """Deliver nothing until it is resumed; its messages wait. Raises NotFoundError."""
        found = await self._find(department, wanted)
        return await self._state(
            await self._replace(found, "paused", by, lambda one: replace(one, paused_at=one.paused_at or utc_now()))
        )

    async def resume(self, department: str, wanted: str, by: str) -> schemas.SubscriptionState:
        """Deliver again, from where it was; also one that was stopped because it kept failing. Raises NotFoundError."""
        found = await self._find(department, wanted)
        changed = await self._replace(found, "resumed", by, lambda one: replace(one, paused_at=None))

        def again(progress: AnyProgress) -> None:
            if isinstance(progress, Sending):
                progress.resume()

        await self._progressed(changed, again)
        return await self._state(changed)

    async def replay(self, department: str, wanted: str, by: str, after: int | datetime) -> schemas.SubscriptionState:
        """Deliver again everything after a number, or from a time on. Raises NotFoundError."""
        found = await self._find(department, wanted)
        feed = found.feed
        number = after if isinstance(after, int) else await self.feed.before(feed, after)
        number = min(number, await self.feed.newest(feed))
        await self._progressed(found, lambda progress: progress.replay(number))
        await self._write(department, found, "replayed", by, lambda _: None)
        return await self._state(found)

    async def delete(self, department: str, wanted: str, by: str) -> None:
        """End it. Raises NotFoundError."""
        found = await self._find(department, wanted)

        def step(record: DepartmentRecord) -> None:
            record.subscriptions = [kept for kept in record.subscriptions if kept["id"] != found.id]

        await self._write(department, found, "deleted", by, step)
        await self.progress.remove(found.id)

    async def _find(self, department: str, wanted: str) -> Subscription:
        record = await self.departments.get(department)
        found = found_in(subscriptions_of(record), wanted) if record is not None else None
        if found is None:
            raise NotFoundError
        return found

    async def _replace(
        self, found: Subscription, act: str, by: str, fn: Callable[[Subscription], Subscription]
    ) -> Subscription:
        """Store a changed subscription with the event that says so."""
        changed: list[Subscription] = []

        def step(record: DepartmentRecord) -> None:
            known = found_in(subscriptions_of(record), found.id)
            if known is None:
                raise NotFoundError
            changed[:] = [fn(known)]
            stored = changed[0].document()
            record.subscriptions = [stored if kept["id"] == found.id else kept for kept in record.subscriptions]

        await self._write(found.department, found, act, by, step)
        return changed[0]

    async def _write(
        self, department: str, subscription: Subscription, act: str, by: str, step: Callable[[DepartmentRecord], None]
    ) -> None:
        def write(record: DepartmentRecord) -> None:
            step(record)
            note_change(record, subscription, f"{act} ({subscription.kind}, {subscription.mode})", by)

        await change(self.departments, department, write)
        log.info("subscription.changed", department=department, subscription=subscription.id, act=act, by=by)
        await self.directory.refresh()

    async def _progressed(self, subscription: Subscription, fn: Callable[[AnyProgress], None]) -> None:
        async def attempt() -> None:
            progress, _ = await self.progress.load(kind_of(subscription), subscription.id)
            if progress is None:
                raise NotFoundError
            fn(progress)
            await self.progress.save(progress)

        await retry_overtaken(attempt)

    async def _state(self, subscription: Subscription) -> schemas.SubscriptionState:
        progress, _ = await self.progress.load(kind_of(subscription), subscription.id)
        if progress is None:
            raise NotFoundError
        waiting = await self.feed.after(subscription.feed, progress.acked_up_to, 1)
        return state_of(
            subscription, progress, await self.feed.newest(subscription.feed), waiting[0] if waiting else None
        )

    def _sealed(self, secret: str, owner: str) -> str:
        return self.keys.seal(secret, SealPurpose.SUBSCRIPTION_SECRET, owner=owner)

    def _check_url(self, new: schemas.SubscriptionEntry, language: str) -> None:
        """Raises InvalidError."""
        if new.kind == "pull":
            if new.url is not None:
                raise InvalidError(errors=[field_error("/url", "unknown", language)])
            return
        if new.url is None:
            raise InvalidError(errors=[field_error("/url", "required", language)])
        try:
            read_url(new.url, trial=self.trial)
        except UrlRefusedError as refused:
            raise InvalidError(errors=[field_error("/url", str(refused), language)]) from None


def kind_of(subscription: Subscription) -> type[AnyProgress]:
    """How the progress of a subscription is kept."""
    return Sending if subscription.is_webhook else Position


def state_of(
    subscription: Subscription, progress: AnyProgress, newest: int, waiting: FeedEntry | None
) -> schemas.SubscriptionState:
    """A subscription and its progress; the newest number of its feed, and the oldest message that waits."""
    old = [secret.until for secret in subscription.secrets if secret.until is not None and secret.until > utc_now()]
    position = progress if isinstance(progress, Position) else Position(progress.id)
    sending = progress if isinstance(progress, Sending) else Sending(progress.id)
    leased = sum(one.lease != "" for one in position.open.values())
    return {
        "id": subscription.id,
        "name": subscription.name,
        "kind": subscription.kind,
        "mode": subscription.mode,
        "url": subscription.url,
        "created_at": written(subscription.created_at),
        "paused_at": time_text(subscription.paused_at),
        "stopped_at": time_text(sending.stopped_at),
        "old_secret_until": time_text(old[0]) if old else None,
        "acked_up_to": progress.acked_up_to,
        "newest": newest,
        "waiting": max(newest - progress.acked_up_to, 0),
        "oldest_waiting_at": time_text(waiting.stored_at) if waiting else None,
        "leased": leased,
        "returned": len(position.open) - leased,
        "given_up": [{"number": one.number, "why": one.why, "at": written(one.at)} for one in position.given_up],
        "delivered_at": time_text(sending.delivered_at),
        "failing_since": time_text(sending.failing_since),
        "failures": sending.failures,
        "error": sending.error,
        "next_try_at": time_text(sending.next_at),
    }
