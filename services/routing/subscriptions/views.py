"""Subscriptions and messages as answers."""

from services.routing.feed.models import FeedEntry
from services.routing.subscriptions import schemas
from services.routing.subscriptions.messages import message_of
from services.routing.subscriptions.models.position import Position
from services.routing.subscriptions.models.sending import Sending
from services.routing.subscriptions.pulling import Leased, MessagePage, Settled
from services.routing.subscriptions.service import SubscriptionStanding
from shared.clock import utc_now, written
from shared.paging import time_text


def state(standing: SubscriptionStanding) -> schemas.SubscriptionState:
    """A subscription, and how it stands."""
    subscription, progress = standing.subscription, standing.progress
    waiting = standing.oldest_waiting
    old = [secret.until for secret in subscription.secrets if secret.until is not None and secret.until > utc_now()]
    position = progress if isinstance(progress, Position) else Position(progress.id)
    sending = progress if isinstance(progress, Sending) else Sending(progress.id)
    leased = sum(one.lease != "" for one in position.open.values())
    return {
        "id": subscription.id,
        "name": subscription.name,
        "kind": subscription.kind.value,
        "mode": subscription.mode.value,
        "url": subscription.url,
        "created_at": written(subscription.created_at),
        "paused_at": time_text(subscription.paused_at),
        "stopped_at": time_text(sending.stopped_at),
        "old_secret_until": time_text(old[0]) if old else None,
        "acked_up_to": progress.acked_up_to,
        "newest": standing.newest,
        "waiting": max(standing.newest - progress.acked_up_to, 0),
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


def shown_once(standing: SubscriptionStanding) -> schemas.NewSubscriptionState:
    """A new subscription, or one with a new secret."""
    return {**state(standing), "secret": standing.secret}


def message(entry: FeedEntry) -> schemas.FeedMessageBody:
    """One message."""
    found: schemas.FeedMessageBody = message_of(entry)  # type: ignore[assignment]  # the same names
    return found


def page(found: MessagePage) -> schemas.FeedPage:
    """A part of the feed."""
    return {"messages": [message(entry) for entry in found.entries], "oldest": found.oldest, "newest": found.newest}


def leased(found: Leased) -> schemas.LeasedMessages:
    """What was handed out."""
    messages: list[schemas.LeasedMessage] = [{**message(entry), "tries": tries} for entry, tries in found.entries]
    return {"lease": found.lease, "until": written(found.until), "messages": messages}


def settled(found: Settled) -> schemas.LeaseSettled:
    """What became of an acknowledgement."""
    return {"lost": list(found.lost), "acked_up_to": found.acked_up_to}
