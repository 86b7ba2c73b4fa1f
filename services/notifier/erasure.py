"""Finishes the erasure of citizens: removes texts and addresses of their messages, but keeps the records."""

from dataclasses import dataclass

from services.notifier.store.contacts import ContactStore
from services.notifier.store.followers import FollowerStore
from services.notifier.store.notifications import NotificationStore
from shared.clock import Clock, utc_now


@dataclass(frozen=True, slots=True)
class ContactErasure:
    """The idempotent sweep over erased contacts."""

    contacts: ContactStore
    notifications: NotificationStore
    followers: FollowerStore
    clock: Clock = utc_now

    async def sweep(self) -> None:
        """Empty the present messages; a contact is done when no message to it can be under way."""
        ended = []
        for contact in await self.contacts.erasing():
            await self.notifications.forget_citizen(contact.id)
            await self.followers.forget(contact.id)
            if contact.erasing_until is not None and contact.erasing_until <= self.clock():
                contact.erasing_until = None
                ended.append(contact)
        await self.contacts.save_many(ended)
