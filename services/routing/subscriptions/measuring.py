"""How far each subscription is behind, as metrics for operators."""

from datetime import datetime

from prometheus_client import Gauge

from services.routing.directory import Directory
from services.routing.feed.store import FeedStore
from services.routing.subscriptions.models.subscription import Subscription
from services.routing.subscriptions.registry import all_in
from services.routing.subscriptions.service import kind_of
from services.routing.subscriptions.store import AnyProgress, ProgressStore

LABELS = ["department", "subscription", "kind"]
WAITING = Gauge("rabta_subscription_waiting", "Messages that a subscription has not acknowledged", LABELS)
OLDEST = Gauge("rabta_subscription_oldest_seconds", "For how long the oldest of these messages has waited", LABELS)
FAILING = Gauge("rabta_subscription_failing_seconds", "For how long a webhook has taken no message", LABELS)
STOPPED = Gauge("rabta_subscription_stopped", "1 while a webhook is stopped because it kept failing", LABELS)
GIVEN_UP = Gauge("rabta_subscription_given_up", "Messages that were handed out too often, or were not fetched", LABELS)
ALL = (WAITING, OLDEST, FAILING, STOPPED, GIVEN_UP)


class SubscriptionMetrics:
    """The sweep that measures: those of production that nobody paused."""

    def __init__(self, directory: Directory, progress: ProgressStore, feed: FeedStore) -> None:
        self._directory = directory
        self._progress = progress
        self._feed = feed

    async def sweep(self) -> None:
        """Measure all."""
        known = [one for one in all_in(self._directory) if one.paused_at is None and one.mode == "production"]
        for gauge in ALL:
            gauge.clear()
        for subscription in known:
            progress, now = await self._progress.load(kind_of(subscription), subscription.id)
            if progress is not None:
                await self._measure(subscription, progress, now)

    async def _measure(self, subscription: Subscription, progress: AnyProgress, now: datetime) -> None:
        feed, labels = subscription.feed, (subscription.department, subscription.id, subscription.kind)
        oldest = await self._feed.after(feed, progress.acked_up_to, 1)
        WAITING.labels(*labels).set(max(await self._feed.newest(feed) - progress.acked_up_to, 0))
        OLDEST.labels(*labels).set(_seconds(oldest[0].stored_at, now) if oldest else 0.0)
        GIVEN_UP.labels(*labels).set(len(getattr(progress, "given_up", ())))
        if subscription.is_webhook:
            FAILING.labels(*labels).set(_seconds(getattr(progress, "failing_since", None), now))
            STOPPED.labels(*labels).set(getattr(progress, "stopped_at", None) is not None)


def _seconds(since: datetime | None, now: datetime) -> float:
    return 0.0 if since is None else max((now - since).total_seconds(), 0.0)
