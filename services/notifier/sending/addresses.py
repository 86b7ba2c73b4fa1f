"""Remembers which addresses take no messages, so that others are used and the citizen can give a new one.

Only the present address of a contact counts: a report about a former one changes nothing. An address is bad until its
owner gives another, or a message arrives there after all.
"""

from contextlib import suppress
from typing import TypeVar

from services.notifier.contacts import Contacts
from services.notifier.metrics import BAD_ADDRESSES
from services.notifier.models import Contact, Notification
from services.notifier.models.addressed import SEALED_AS, Addressed
from services.notifier.models.officer import STAFF, StaffContact
from shared.changing import change
from shared.clock import Clock
from shared.errors import NotFoundError
from shared.records import Records
from shared.seal import KeyRing, SealBrokenError

A = TypeVar("A", bound=Addressed)


class Addresses:
    """Which addresses of citizens and of members of staff fail; `known` is told of each that changes."""

    def __init__(
        self,
        contacts: Records[Contact],
        known: Contacts,
        keys: KeyRing,
        clock: Clock,
        staff: Records[StaffContact] | None = None,
    ) -> None:
        self._contacts = contacts
        self._staff = staff
        self._known = known
        self._keys = keys
        self._clock = clock

    async def fail(self, notification: Notification) -> None:
        """The address that this went to takes no messages. Raises ContendedError."""
        await self._note(notification, works=False)

    async def work(self, notification: Notification) -> None:
        """This has arrived: its address does not count as bad any more. Raises ContendedError."""
        person = notification.citizen_id
        reach = (await self._known.reaches({person})).get(person)
        if reach is not None and notification.channel in reach.failing:
            await self._note(notification, works=True)

    async def _note(self, notification: Notification, *, works: bool) -> None:
        person = notification.citizen_id
        if not person.startswith(STAFF):
            await self._note_in(self._contacts, person, notification, works=works)
        elif self._staff is not None:
            await self._note_in(self._staff, person.removeprefix(STAFF), notification, works=works)
        self._known.changed([person])

    async def _note_in(self, kept: Records[A], key: str, notification: Notification, *, works: bool) -> None:
        noted = False

        def note(found: A) -> bool:
            nonlocal noted
            noted = self._change(notification, found, works=works)
            return noted

        with suppress(NotFoundError):
            await change(kept, key, note)
        if noted and not works:
            BAD_ADDRESSES.labels(notification.channel).inc()

    def _change(self, notification: Notification, contact: Addressed, *, works: bool) -> bool:
        """Change the contact; whether that changed anything."""
        if not self._is_its_address(notification, contact):
            return False
        channel = notification.channel
        return contact.address_works(channel) if works else contact.address_fails(channel, self._clock())

    def _is_its_address(self, notification: Notification, contact: Addressed) -> bool:
        purpose = SEALED_AS[notification.channel]
        try:
            theirs, here = (
                self._keys.unseal(sealed, purpose, owner=contact.sealed_for)
                for sealed in (notification.to or "", contact.address(notification.channel))
            )
        except SealBrokenError:
            return False
        return theirs == here
