"""Finishes the erasure of citizens: words and addresses of their messages go; that there was a message stays."""

from services.notifier.store.contacts import ContactStore
from services.notifier.store.followers import FollowerStore
from services.notifier.store.notifications import NotificationStore
from shared.clock import Clock, utc_now


class ContactErasure:
    """The sweep over contacts who were erased; it does no harm to do it again."""

    def __init__(
        self,
        contacts: ContactStore,
        notifications: NotificationStore,
        followers: FollowerStore,
        clock: Clock = utc_now,
    ) -> None:
        self._contacts = contacts
        self._followers = followers
        self._notifications = notifications
        self._clock = clock

    async def sweep(self) -> None:
        """Empty what there is now; a contact is done when no message to it can be under way any more."""
        ended = []
        for contact in await self._contacts.erasing():
            await self._notifications.forget_citizen(contact.id)
            await self._followers.forget(contact.id)
            if contact.erasing_until is not None and contact.erasing_until <= self._clock():
                contact.erasing_until = None
                ended.append(contact)
        await self._contacts.save_many(ended)
