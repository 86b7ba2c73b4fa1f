"""Citizens' messages on the portal, and the developer's outbox."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from services.notifier import schemas
from services.notifier.handlers import mobile_index
from services.notifier.models.contact import SEALED_AS, Contact
from services.notifier.models.message import EMAIL, SMS
from services.notifier.models.notification import DeliveryState, Notification
from services.notifier.models.preferences import Preferences
from services.notifier.preferences import answer
from services.notifier.store.contacts import ContactStore
from services.notifier.store.notifications import NotificationStore
from services.notifier.writing import templates
from services.notifier.writing.composing import address_of, words_of
from shared.addresses import read_mobile
from shared.clock import Clock, utc_now, written
from shared.paging import page_of, read_cursor
from shared.seal import KeyRing, SealBrokenError, SealPurpose

EXPORTED_AT_ONCE = 500
MAX_COUNTED = 100
"""Unread messages are counted up to this number."""
NEW_FOR = timedelta(days=30)
"""Older messages count as read, including those from before there was a read state."""
FAILURES: Mapping[DeliveryState, schemas.Failure] = {
    DeliveryState.PERMANENT_FAILURE: "address",
    DeliveryState.TEMPORARY_FAILURE: "not_reached",
    DeliveryState.TECHNICAL_FAILURE: "fault",
    DeliveryState.EXPIRED: "too_late",
}

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class OwnMessages:
    """The use cases."""

    contacts: ContactStore
    notifications: NotificationStore
    keys: KeyRing
    clock: Clock = utc_now

    async def own(self, citizen_id: str, cursor: str | None, limit: int) -> schemas.Notifications:
        """A page of a citizen's notifications. Raises BadRequestError for an invalid cursor."""
        found = await self.notifications.of_citizen(citizen_id, read_cursor(cursor or None), limit + 1)
        page, following = page_of(found, limit, lambda last: (last.created_at, last.id))
        return {"notifications": [self._own(notification) for notification in page], "next": following}

    async def export(self, citizen_id: str, cursor: str | None) -> schemas.ExportedNotifications:
        """The citizen's contact, and a page of sent messages. Raises BadRequestError."""
        contact = await self.contacts.get(citizen_id)
        kept: schemas.Contact = {}
        chosen = Preferences.of(contact.preferences if contact else {})
        for name in ("name", "mobile", "email"):
            if contact is not None and (sealed := getattr(contact, name)):
                kept[name] = self.keys.unseal(sealed, SealPurpose(f"citizen.{name}"), owner=citizen_id)
        return {"contact": kept, "preferences": answer(chosen), **await self.own(citizen_id, cursor, EXPORTED_AT_ONCE)}

    async def unread(self, citizen_id: str) -> int:
        """The number of unread messages, up to `MAX_COUNTED`."""
        return await self.notifications.unread(citizen_id, self.clock() - NEW_FOR, MAX_COUNTED)

    async def mark_read(self, citizen_id: str, ids: Sequence[str], up_to: str | None) -> int:
        """Mark the citizen's own messages among `ids`, and all up to `up_to`, as read; returns the number left unread.

        Other people's ids are ignored, so that nobody learns whether they exist.
        """
        if ids:
            await self.notifications.mark_read(citizen_id, ids, self.clock())
        if up_to is not None:
            await self.notifications.mark_read_up_to(citizen_id, up_to, self.clock())
        return await self.unread(citizen_id)

    async def reach(self, citizen_id: str) -> schemas.Reach:
        """Whether messages reach the citizen, for each channel."""
        contact = await self.contacts.get(citizen_id)
        return {"sms": self._reach_by(SMS, contact), "email": self._reach_by(EMAIL, contact)}

    async def outbox(self, to: str | None, limit: int) -> list[dict[str, str]]:
        """Recently delivered messages in the clear, newest first; `to` is a mobile number in any common form."""
        citizens = None
        if to is not None:
            citizens = await self.contacts.with_mobile(mobile_index(self.keys, read_mobile(to) or to))
        found = await self.notifications.delivered(citizens, limit)
        return [message for notification in found if (message := self._message(notification))]

    def _reach_by(self, channel: str, contact: Contact | None) -> schemas.Reached:
        sealed = contact.address(channel) if contact else ""
        address = self.keys.unseal(sealed, SEALED_AS[channel], owner=contact.id) if contact and sealed else ""
        if contact is None or not address:
            return {"state": "none", "address": None, "since": None}
        since = contact.failing.get(channel)
        if since is not None:
            return {"state": "failing", "address": masked(address), "since": written(since)}
        unproven = channel == SMS and contact.mobile_unproven
        return {"state": "unproven" if unproven else "ok", "address": masked(address), "since": None}

    def _own(self, notification: Notification) -> schemas.Notification:
        is_request = notification.template.startswith("request.")
        return {
            "id": notification.id,
            "request": notification.subject if is_request else None,
            "template": notification.template,
            "language": notification.language,
            "words": self._shown(notification),
            "channel": notification.channel,
            "state": notification.state,
            "included_in": notification.included_in,
            "failed": FAILURES.get(notification.state),
            "read": is_read(notification, self.clock()),
            "at": written(notification.created_at),
        }

    def _shown(self, notification: Notification) -> str:
        """The text, or a placeholder if it is secret or does not open."""
        language = notification.language or "en"
        if instead := templates.shown(notification.template, language):
            return instead
        try:
            return words_of(notification, self.keys)
        except SealBrokenError as error:
            log.error("seal.broken", purpose=error.purpose, owner=error.owner)
            return templates.unreadable(language)

    def _message(self, notification: Notification) -> dict[str, str] | None:
        if not notification.words:  # emptied since
            return None
        try:
            to, words = address_of(notification, self.keys), words_of(notification, self.keys)
        except SealBrokenError as error:
            log.error("seal.broken", purpose=error.purpose, owner=error.owner)
            return None
        return {
            "to": to,
            "words": words,
            "language": notification.language or "en",
            "template": notification.template,
            "channel": notification.channel,
            "at": written(notification.created_at),
            "citizen_id": notification.citizen_id,
            "subject": notification.subject,
        }


def is_read(notification: Notification, now: datetime) -> bool:
    """Whether a message counts as read."""
    return notification.read_at is not None or notification.created_at < now - NEW_FOR


def masked(address: str) -> str:
    """A masked address that its owner can recognise."""
    name, at, domain = address.partition("@")
    if not at:
        return f"{address[:6]}…{address[-2:]}" if len(address) > 8 else "…"
    return f"{name[:2] if len(name) > 2 else ''}…@{domain}"
