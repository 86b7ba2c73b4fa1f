"""How far each subscription is behind, as metrics for operators."""

from datetime import datetime

from prometheus_client import Gauge

from services.routing.directory import Directory
from services.routing.feed.store import FeedStore
from services.routing.subscriptions.registry import all_in
from services.routing.subscriptions.service import kind_of
from services.routing.subscriptions.store import ProgressStore

LABELS = ["department", "subscription", "kind"]
WAITING = Gauge("rabta_subscription_waiting", "Messages that a subscription has not acknowledged", LABELS)
OLDEST = Gauge("rabta_subscription_oldest_seconds", "For how long the oldest of these messages has waited", LABELS)
FAILING = Gauge("rabta_subscription_failing_seconds", "For how long a webhook has taken no message", LABELS)
STOPPED = Gauge("rabta_subscription_stopped", "1 while a webhook is stopped because it kept failing", LABELS)
GIVEN_UP = Gauge("rabta_subscription_given_up", "Messages that were handed out too often, or were not fetched", LABELS)
ALL = (WAITING, OLDEST, FAILING, STOPPED, GIVEN_UP)


async def measure_subscriptions(directory: Directory, progress: ProgressStore, feed: FeedStore) -> None:
    """Measure those of production that nobody paused."""
    known = [one for one in all_in(directory) if one.paused_at is None and one.mode == "production"]
    for gauge in ALL:
        gauge.clear()
    for one in known:
        kept, now = await progress.load(kind_of(one), one.id)
        if kept is None:
            continue
        labels, oldest = (one.department, one.id, one.kind), await feed.after(one.feed, kept.acked_up_to, 1)
        WAITING.labels(*labels).set(max(await feed.newest(one.feed) - kept.acked_up_to, 0))
        OLDEST.labels(*labels).set(_seconds(oldest[0].stored_at, now) if oldest else 0.0)
        GIVEN_UP.labels(*labels).set(len(getattr(kept, "given_up", ())))
        if one.is_webhook:
            FAILING.labels(*labels).set(_seconds(getattr(kept, "failing_since", None), now))
            STOPPED.labels(*labels).set(getattr(kept, "stopped_at", None) is not None)


def _seconds(since: datetime | None, now: datetime) -> float:
    return 0.0 if since is None else max((now - since).total_seconds(), 0.0)
