"""The states of a message after attempts and reports. One table for all of them."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from services.notifier.models.notification import GONE, DeliveryState, Notification

S = DeliveryState
MOVES = {
    S.CREATED: {S.SENDING, S.PERMANENT_FAILURE, S.DELIVERED},
    S.SENDING: {S.TEMPORARY_FAILURE, S.TECHNICAL_FAILURE, S.PERMANENT_FAILURE, S.DELIVERED},
    S.TEMPORARY_FAILURE: {S.TECHNICAL_FAILURE, S.PERMANENT_FAILURE, S.DELIVERED},
    S.TECHNICAL_FAILURE: {S.PERMANENT_FAILURE, S.DELIVERED},
    S.PERMANENT_FAILURE: {S.DELIVERED},
    S.EXPIRED: {S.DELIVERED},
    S.CANCELLED: {S.DELIVERED},
    S.DELIVERED: set[DeliveryState](),
    S.NOBODY: set[DeliveryState](),
}
"""The states to which reports may move a message; other reports change nothing.

So duplicate, late or reordered reports lead to the same state. A `created` message waits for its next attempt: the
failure of an earlier attempt is not news, but its provider may turn out to have accepted it.
"""

TRIED_AGAIN = (DeliveryState.TEMPORARY_FAILURE, DeliveryState.TECHNICAL_FAILURE)
"""Failures that are retried. Wrong settings may be corrected; then waiting messages are sent."""
FAILED = (*TRIED_AGAIN, DeliveryState.PERMANENT_FAILURE)
PATIENCE = timedelta(hours=4)
"""How long a message is tried over one channel before the other."""
LAST_PATIENCE, LAST_PAUSE = timedelta(hours=24), timedelta(minutes=30)
"""How long, and at which interval, if there is no other channel: an outage may last a night."""
MAX_UNSURE = 3
"""Maximum number of attempts that may have succeeded, so that nobody gets a message dozens of times."""
FIRST_PAUSE, MAX_PAUSE = timedelta(seconds=5), timedelta(minutes=5)
URGENT_PAUSE, MAX_URGENT_PAUSE = timedelta(seconds=1), timedelta(seconds=15)


def settle(
    notification: Notification,
    state: DeliveryState,
    now: datetime,
    *,
    by: str | None = None,
    reference: str | None = None,
) -> bool:
    """Apply a report of provider `by` under its reference; returns whether it changed anything.

    A report of a provider that does not have the message now counts only if it says delivered.
    """
    if state not in MOVES[notification.state] and not (
        state is notification.state is S.SENDING and notification.provider is None
    ):
        return False
    if state is not DeliveryState.DELIVERED and not _has_it(notification, by, reference):
        return False
    notification.state, notification.provider = state, by or notification.provider
    notification.reference = reference or notification.reference
    notification.calling, notification.due_at = None, None
    if state is DeliveryState.DELIVERED:
        notification.delivered_at = now
    if notification.urgent:
        notification.words = GONE
    return True


def recorded(notification: Notification, now: datetime) -> None:
    """Deliver a message by recording it. Its text stays, because the reader sees the stored one."""
    notification.attempts.append({"at": now, "channel": notification.channel, "state": DeliveryState.DELIVERED.value})
    notification.state, notification.due_at = DeliveryState.DELIVERED, None


def attempted(
    notification: Notification,
    state: DeliveryState,
    now: datetime,
    *,
    by: str | None = None,
    reference: str | None = None,
    unsure: bool = False,
    providers: int = 1,
    spread: Callable[[], float] = random.random,
) -> None:
    """Record the result of an attempt, and when to retry if useful; `providers` is their number on the channel."""
    attempt: dict[str, Any] = {"at": now, "channel": notification.channel, "state": state.value}
    attempt |= {"provider": by} if by else {}
    notification.attempts.append({**attempt, "unsure": True} if unsure else attempt)
    notification.calling = None
    if state in TRIED_AGAIN and not _is_given_up(notification, now):
        notification.state = DeliveryState.CREATED
        notification.due_at = now + _pause(notification, providers) * spread()
    else:
        settle(notification, state, now, by=by, reference=reference)


def move(notification: Notification, channel: str, to: str, now: datetime) -> None:
    """Start again over another channel, to its (sealed) address."""
    notification.channel, notification.to = channel, to
    notification.state, notification.due_at = DeliveryState.CREATED, now
    notification.provider = notification.reference = notification.calling = None


def try_longer(notification: Notification, now: datetime) -> None:
    """Continue with a message that has no other channel, if useful."""
    first = notification.attempts[0]["at"] if notification.attempts else now
    unsure = sum("unsure" in attempt for attempt in notification.attempts)
    if notification.state in TRIED_AGAIN and unsure < MAX_UNSURE and now - first < LAST_PATIENCE:
        notification.state, notification.due_at = DeliveryState.CREATED, now + LAST_PAUSE


def channels_tried(notification: Notification) -> set[str]:
    """The channels over which it was attempted."""
    return {attempt["channel"] for attempt in notification.attempts}


def last_failed(notification: Notification) -> str | None:
    """The provider of the last attempt: the next one uses another, if there is one."""
    here = _attempts_here(notification)
    return here[-1].get("provider") if here else None


def pause_after(attempts: int, *, urgent: bool = False) -> timedelta:
    """The longest pause after that many failed attempts."""
    first, longest = (URGENT_PAUSE, MAX_URGENT_PAUSE) if urgent else (FIRST_PAUSE, MAX_PAUSE)
    return min(first * (1 << min(attempts - 1, 10)), longest)


def _pause(notification: Notification, providers: int) -> timedelta:
    """No pause until every provider has failed once more: the next one is tried at once."""
    rounds, more = divmod(len(_attempts_here(notification)), max(providers, 1))
    return pause_after(rounds, urgent=notification.urgent) if more == 0 else timedelta()


def _is_given_up(notification: Notification, now: datetime) -> bool:
    here = _attempts_here(notification)
    unsure = sum("unsure" in attempt for attempt in notification.attempts)
    return unsure >= MAX_UNSURE or bool(here and now - here[0]["at"] >= PATIENCE)


def _has_it(notification: Notification, by: str | None, reference: str | None) -> bool:
    """Whether this provider and reference have the message now; None matches any provider."""
    if by is None:
        return True
    if notification.provider is not None:
        same = reference is None or notification.reference is None or reference == notification.reference
        return by == notification.provider and same
    called = notification.calling["provider"] if notification.calling else None
    return by == called or any(attempt.get("provider") == by for attempt in _attempts_here(notification))


def _attempts_here(notification: Notification) -> list[dict[str, Any]]:
    """The attempts over its present channel."""
    return [attempt for attempt in notification.attempts if attempt["channel"] == notification.channel]
