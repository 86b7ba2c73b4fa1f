"""Remembers which addresses take no messages, so that others are used and the citizen can give a new one.

An address is known by whose contact it stands in now: what is said of a former one is no news. It counts as bad until
its owner gives another, or a message arrives there after all.
"""

import asyncio
from collections.abc import Sequence

from services.notifier.contacts import Contacts
from services.notifier.metrics import BAD_ADDRESSES
from services.notifier.models import EMAIL, Contact, Notification
from shared.clock import Clock
from shared.errors import UnavailableError
from shared.records import Records
from shared.seal import KeyRing, SealBrokenError

TURNS = 10


class Addresses:
    """Which addresses of contacts fail; `known` is told of each that changes."""

    def __init__(self, contacts: Records[Contact], known: Contacts, keys: KeyRing, clock: Clock) -> None:
        self._contacts = contacts
        self._known = known
        self._keys = keys
        self._clock = clock

    async def fail(self, notifications: Sequence[Notification]) -> None:
        """The addresses that these went to take no messages. Raises UnavailableError."""
        await self._note(notifications, works=False)

    async def work(self, notifications: Sequence[Notification]) -> None:
        """These have arrived: an address that counted as bad does so no more. Raises UnavailableError."""
        if not notifications:
            return
        reaches = await self._known.reaches({n.citizen_id for n in notifications})
        doubted = [n for n in notifications if n.citizen_id in reaches and n.channel in reaches[n.citizen_id].failing]
        await self._note(doubted, works=True)

    async def _note(self, notifications: Sequence[Notification], *, works: bool) -> None:
        left = [n for n in notifications if n.to]
        for turn in range(TURNS):
            if not left:
                return
            await asyncio.sleep(0.01 * turn)
            contacts = await self._contacts.load_many({n.citizen_id for n in left})
            changed = {n.citizen_id for n in left if self._change(n, contacts.get(n.citizen_id), works=works)}
            lost = await self._contacts.save_many([contacts[citizen] for citizen in changed])
            self._known.changed(changed)
            left = [n for n in left if n.citizen_id in lost]
        raise UnavailableError

    def _change(self, notification: Notification, contact: Contact | None, *, works: bool) -> bool:
        channel = notification.channel
        if contact is None or contact.erased or not self._is_its_address(notification, contact):
            return False
        if works:
            return contact.address_works(channel)
        news = contact.address_fails(channel, self._clock())
        if news:
            BAD_ADDRESSES.labels(channel).inc()
        return news

    def _is_its_address(self, notification: Notification, contact: Contact) -> bool:
        place = "citizen.email" if notification.channel == EMAIL else "citizen.mobile"
        try:
            theirs, here = (
                self._keys.unseal(sealed, place, of=contact.id)
                for sealed in (notification.to or "", contact.address(notification.channel))
            )
        except SealBrokenError:
            return False
        return theirs == here
