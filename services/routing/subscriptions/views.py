"""The state of a subscription, as the API answers it."""

from services.routing.feed.models import FeedEntry
from services.routing.subscriptions import schemas
from services.routing.subscriptions.models.position import Position
from services.routing.subscriptions.models.sending import Sending
from services.routing.subscriptions.models.subscription import Subscription
from shared.clock import utc_now, written
from shared.paging import time_text

AnyProgress = Position | Sending


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
