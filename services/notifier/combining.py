"""Combines messages about related events, when they are recorded and again before they are sent.

Before a later message is recorded or sent, it cancels the earlier ones that still wait. Before an earlier one is
claimed, it looks for a later one. So each is sent once, in any order of events and after any crash.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from services.notifier.models.combining import (
    COMBINATIONS,
    EARLIER,
    NEVER_FIRST,
    EarlierMessages,
    earlier_messages,
    ids_before,
    included_by,
)
from services.notifier.models.notification import DeliveryState, Notification
from services.notifier.store.notifications import NotificationStore


async def combine(
    store: NotificationStore, later: Iterable[Notification], new: Sequence[Notification] = ()
) -> dict[str, EarlierMessages]:
    """The earlier messages of each later one, by its id; those that can be included are cancelled.

    `new` are messages that are about to be recorded; an earlier one among them is cancelled in place.
    """
    asking = [one for one in later if one.template in COMBINATIONS]
    if not asking:
        return {}
    found = await _look(store, asking, new)
    waiting = {
        earlier.id: later_id
        for later_id, messages in found.items()
        for earlier in messages.included
        if earlier.state is DeliveryState.CREATED
    }
    fresh = {one.id: one for one in new if one.id in waiting}
    stored = {earlier: later_id for earlier, later_id in waiting.items() if earlier not in fresh}
    if stored and await store.include(stored) < len(stored):
        found = await _look(store, asking, new)  # some were claimed meanwhile and are sent
    for earlier, later_id in waiting.items():
        if earlier in fresh:
            fresh[earlier].include_in(later_id)
    return found


async def drop_included(store: NotificationStore, due: Sequence[Notification]) -> list[Notification]:
    """The due messages that are still to be sent. Those that a later one includes are cancelled."""
    asking = [one for one in due if one.template in EARLIER and one.state is DeliveryState.CREATED and one.event]
    if not asking:
        return list(due)
    later = _by_subject(await store.later({one.subject for one in asking}))
    included_in = {one.id: found.id for one in asking if (found := included_by(one, later[one.subject]))}
    if included_in:
        await store.include(included_in)
    return [one for one in due if one.id not in included_in]


async def _look(
    store: NotificationStore, later: Sequence[Notification], new: Sequence[Notification]
) -> dict[str, EarlierMessages]:
    stored = {one.id: one for one in await store.find({id_ for one in later for id_ in ids_before(one)})}
    known = _by_subject([*stored.values(), *(one for one in new if one.id not in stored)])
    return {one.id: earlier_messages(one, known[one.subject]) for one in later}


def waits_for_another(notification: Notification, earlier: EarlierMessages) -> bool:
    """Whether a later message has overtaken the earlier one that it always follows."""
    return earlier.is_empty and notification.template in NEVER_FIRST


def _by_subject(notifications: Iterable[Notification]) -> Mapping[str, list[Notification]]:
    found: dict[str, list[Notification]] = defaultdict(list)
    for one in notifications:
        found[one.subject].append(one)
    return found
