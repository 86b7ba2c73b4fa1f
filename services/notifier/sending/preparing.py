"""Prepares due messages: finds their recipients, drops those of no more use, and writes missing texts."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from services.notifier.combining import combine, drop_included
from services.notifier.contacts import Contacts
from services.notifier.handlers import combined, envelope_of, follower_message, message_for
from services.notifier.models.combining import EarlierMessages
from services.notifier.models.contact import Reach
from services.notifier.models.delivery import attempted
from services.notifier.models.notification import WAITING, DeliveryState, Notification, pause_unknown
from services.notifier.models.preferences import held_until
from services.notifier.sending.digests import write_digests
from services.notifier.store.notifications import NotificationStore
from services.notifier.writing.composing import channel_of, is_unwanted, write
from services.notifier.writing.templates import group_of
from shared.clock import Clock
from shared.seal import KeyRing

log = structlog.get_logger(__name__)

Ready = tuple[Notification, Reach | None]


@dataclass(frozen=True, slots=True)
class Preparer:
    """Checks each due message before it is claimed. It stores nothing except postponements."""

    contacts: Contacts
    notifications: NotificationStore
    keys: KeyRing
    clock: Clock

    async def ready(self, found: Sequence[Notification]) -> list[Ready]:
        """The messages to continue with and their recipients; some have ended by now."""
        due = await drop_included(self.notifications, found)
        reaches = await self.contacts.reaches({notification.citizen_id for notification in due})
        known = await self._put_off_unknown(due, reaches)
        ends = await self.notifications.ends({n.subject for n in known if n.heard is not None})
        now = self.clock()
        for notification in known:
            if not notification.is_under_way:
                _end(notification, reaches.get(notification.citizen_id), ends, now)
        sending = [one for one in known if not self._is_held(one, reaches.get(one.citizen_id))]
        earlier = await combine(self.notifications, (n for n in sending if n.event is not None))
        for notification in sending:
            if notification.event is not None:
                reach = reaches[notification.citizen_id]
                self._write(notification, reach, earlier.get(notification.id))
        await write_digests(self.notifications, sending, reaches, self.keys, now)
        return [(notification, reaches.get(notification.citizen_id)) for notification in known]

    async def _put_off_unknown(self, due: Sequence[Notification], reaches: Mapping[str, Reach]) -> list[Notification]:
        """The messages whose recipient is known or no longer matters; the others are postponed."""
        now, known, waiting = self.clock(), [], defaultdict(list)
        for one in due:
            if one.citizen_id in reaches or one.expired(now) or one.is_under_way:
                known.append(one)
            else:
                waiting[pause_unknown(one.created_at, now)].append(one.id)
        for pause, ids in waiting.items():
            await self.notifications.postpone(ids, pause)
        return known

    def _is_held(self, notification: Notification, reach: Reach | None) -> bool:
        """Postpone a message in quiet hours, and cancel one that its citizen has stopped since it was recorded."""
        if reach is None or notification.state not in WAITING or notification.is_under_way:
            return False
        if notification.words is not None and is_unwanted(notification.template, reach):
            notification.cancel()
        elif held := held_until(group_of(notification.template), reach.preferences, self.clock()):
            notification.due_at = held
            return True
        return False

    def _write(self, notification: Notification, reach: Reach, earlier: EarlierMessages | None) -> None:
        try:
            envelope = envelope_of(notification)
            message = message_for(envelope, self.keys)
            if notification.citizen_id != message.citizen_id:
                message = follower_message(notification.citizen_id, envelope)
            elif earlier is not None:
                message = combined(message, earlier, self.keys)
            notification.template = message.template
            notification.channel = channel_of(message, notification.channel, reach, self.keys)
            write(notification, message, reach, self.keys)
        except Exception as error:  # one that cannot be written must not delay the others
            log.error("message.unwritable", id=notification.id, error=type(error).__name__)
            attempted(notification, DeliveryState.TECHNICAL_FAILURE, self.clock())


def _end(notification: Notification, reach: Reach | None, ends: Mapping[str, int], now: datetime) -> None:
    """Cancel or expire a message that must no longer be sent."""
    if notification.overtaken(ends):
        notification.cancel()
        notification.words = None
    elif notification.expired(now):
        notification.expire()
    elif reach is None or reach.erased:
        notification.cancel()
