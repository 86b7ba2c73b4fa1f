"""Reads notifications again: a citizen's own, and the developer's outbox."""

from collections.abc import Mapping

import structlog

from services.notifier import schemas
from services.notifier.choosing import answer
from services.notifier.handlers import mobile_index
from services.notifier.models import Notification, Preferences, State
from services.notifier.read_marks import is_read
from services.notifier.store import ContactStore, NotificationStore
from services.notifier.writing import templates
from services.notifier.writing.composing import address_of, words_of
from shared.addresses import read_mobile
from shared.clock import utc_now, written
from shared.paging import page_of, read_cursor
from shared.seal import KeyRing, SealBrokenError, SealPurpose

EXPORTED_AT_ONCE = 500
FAILURES: Mapping[State, schemas.Failure] = {
    State.PERMANENT_FAILURE: "address",
    State.TEMPORARY_FAILURE: "not_reached",
    State.TECHNICAL_FAILURE: "fault",
    State.EXPIRED: "too_late",
}

log = structlog.get_logger(__name__)


class Reading:
    """The reading use cases."""

    def __init__(self, contacts: ContactStore, notifications: NotificationStore, keys: KeyRing) -> None:
        self._contacts = contacts
        self._notifications = notifications
        self._keys = keys

    async def own(self, citizen_id: str, cursor: str | None, limit: int) -> schemas.Notifications:
        """One page of a citizen's notifications. Raises BadRequestError for a cursor that is not ours."""
        found = await self._notifications.of_citizen(citizen_id, read_cursor(cursor or None), limit + 1)
        page, following = page_of(found, limit, lambda last: (last.created_at, last.id))
        return {"notifications": [self._own(notification) for notification in page], "next": following}

    async def export(self, citizen_id: str, cursor: str | None) -> schemas.ExportedNotifications:
        """The contact that is kept of a citizen, and a page of what was sent. Raises BadRequestError."""
        contact = await self._contacts.get(citizen_id)
        kept: schemas.Contact = {}
        chosen = Preferences.of(contact.preferences if contact else {})
        for name in ("name", "mobile", "email"):
            if contact is not None and (sealed := getattr(contact, name)):
                kept[name] = self._keys.unseal(sealed, SealPurpose(f"citizen.{name}"), owner=citizen_id)
        return {"contact": kept, "preferences": answer(chosen), **await self.own(citizen_id, cursor, EXPORTED_AT_ONCE)}

    async def outbox(self, to: str | None, limit: int) -> list[dict[str, str]]:
        """What was delivered lately, newest first, in the clear; `to` is a mobile number in any common form."""
        citizens = None
        if to is not None:
            citizens = await self._contacts.with_mobile(mobile_index(self._keys, read_mobile(to) or to))
        found = await self._notifications.delivered(citizens, limit)
        return [message for notification in found if (message := self._message(notification))]

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
            "read": is_read(notification, utc_now()),
            "at": written(notification.created_at),
        }

    def _shown(self, notification: Notification) -> str:
        """The words, or what stands for them when they are a secret, or do not open: others are shown all the same."""
        language = notification.language or "en"
        if instead := templates.shown(notification.template, language):
            return instead
        try:
            return words_of(notification, self._keys)
        except SealBrokenError as error:
            log.error("seal.broken", purpose=error.purpose, owner=error.owner)
            return templates.unreadable(language)

    def _message(self, notification: Notification) -> dict[str, str] | None:
        if not notification.words:  # emptied since
            return None
        try:
            to, words = address_of(notification, self._keys), words_of(notification, self._keys)
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
