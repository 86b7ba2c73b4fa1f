"""Finishes the erasure of citizens: removes texts and addresses of their messages, but keeps the records."""

from services.notifier.store.contacts import ContactStore
from services.notifier.store.followers import FollowerStore
from services.notifier.store.notifications import NotificationStore
from shared.clock import Clock, utc_now


class ContactErasure:
    """The idempotent sweep over erased contacts."""

    def __init__(
        self, contacts: ContactStore, notifications: NotificationStore, followers: FollowerStore, clock: Clock = utc_now
    ) -> None:
        self._contacts = contacts
        self._followers = followers
        self._notifications = notifications
        self._clock = clock

    async def sweep(self) -> None:
        """Empty the present messages; a contact is done when no message to it can be under way."""
        ended = []
        for contact in await self._contacts.erasing():
            await self._notifications.forget_citizen(contact.id)
            await self._followers.forget(contact.id)
            if contact.erasing_until is not None and contact.erasing_until <= self._clock():
                contact.erasing_until = None
                ended.append(contact)
        await self._contacts.save_many(ended)
