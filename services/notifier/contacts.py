"""People's addresses, and what delivery reveals about them."""

import time
from collections import OrderedDict
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TypeVar, cast

from services.notifier.metrics import BAD_ADDRESSES
from services.notifier.models.contact import PHONE, SEALED_AS, STAFF, Addressed, Contact, Reach
from services.notifier.models.notification import DeliveryState, Notification
from services.notifier.store.contacts import ContactStore
from services.notifier.store.followers import FollowerStore
from services.notifier.store.notifications import NotificationStore
from services.notifier.store.officers import StaffContactStore
from shared.changing import ContendedError, attempts, change
from shared.clock import Clock
from shared.errors import NotFoundError
from shared.events import Channel
from shared.records import Records
from shared.seal import KeyRing, SealBrokenError

MAX_CACHED = 20_000
FRESH = 5.0
"""Seconds for which a change by another replica may not be visible here."""
UNKNOWN_PHONE = Reach("en", "")
"""A phone without an account: the answer contains its number and text."""
CODE = "citizen.code_issued"

A = TypeVar("A", bound=Addressed)


@dataclass(slots=True)
class Contacts:
    """Contacts of citizens, cached for some seconds, and of members of staff (`staff:<account>`)."""

    store: ContactStore
    keys: KeyRing
    clock: Clock
    staff: StaffContactStore | None = None
    no_provider: frozenset[str] = frozenset()
    """Channels without a provider; they count as failing addresses."""
    cache: OrderedDict[str, tuple[float, Reach]] = field(default_factory=OrderedDict, init=False)

    async def reaches(self, ids: Collection[str]) -> dict[str, Reach]:
        """How to reach these people; unknown ids are left out."""
        staff = [one for one in ids if one.startswith(STAFF)]
        phones = [one for one in ids if one.startswith(PHONE)]
        if not staff and not phones:
            return await self._citizens(ids)
        citizens = await self._citizens([one for one in ids if not one.startswith((STAFF, PHONE))])
        return citizens | dict.fromkeys(phones, UNKNOWN_PHONE) | await self._members(staff)

    async def _citizens(self, ids: Collection[str]) -> dict[str, Reach]:
        fresh = time.monotonic() - FRESH
        found = {c: self.cache[c][1] for c in ids if c in self.cache and self.cache[c][0] > fresh}
        if missing := [citizen for citizen in ids if citizen not in found]:
            read = await self.store.reaches(missing)
            if self.no_provider:
                read = {one: replace(reach, failing=reach.failing | self.no_provider) for one, reach in read.items()}
            found |= read
            self.cache.update({citizen: (time.monotonic(), reach) for citizen, reach in read.items()})
        for citizen in found.keys() & self.cache.keys():
            self.cache.move_to_end(citizen)
        while len(self.cache) > MAX_CACHED:
            self.cache.popitem(last=False)
        return found

    async def _members(self, ids: Collection[str]) -> dict[str, Reach]:
        """Members of staff are never cached, so that a disabled account gets nothing."""
        found = await self.staff.reaches([one.removeprefix(STAFF) for one in ids]) if self.staff and ids else {}
        return {f"{STAFF}{account}": reach for account, reach in found.items()}

    def changed(self, ids: Iterable[str]) -> None:
        """Drop these from the cache."""
        for citizen in ids:
            self.cache.pop(citizen, None)

    async def finish_erasures(self, notifications: NotificationStore, followers: FollowerStore) -> None:
        """Empty the present messages of erased citizens, but keep the records.

        A contact is done when no message to it can be under way. Repeating it changes nothing.
        """
        ended = []
        for contact in await self.store.erasing():
            await notifications.forget_citizen(contact.id)
            await followers.forget(contact.id)
            if contact.erasing_until is not None and contact.erasing_until <= self.clock():
                contact.erasing_until = None
                ended.append(contact)
        await self.store.save_many(ended)

    async def publish_delivered_codes(self, notifications: Sequence[Notification]) -> None:
        """Publish the delivery of each of these codes once, for the page that waits for it.

        Raises ContendedError.
        """
        codes = [n for n in notifications if n.template == CODE and n.state is DeliveryState.DELIVERED]
        async for _ in attempts():
            if not codes:
                return
            contacts = await self.store.load_many({code.citizen_id for code in codes})
            changed = {code.citizen_id for code in codes if (c := contacts.get(code.citizen_id)) and _deliver(code, c)}
            lost = await self.store.save_many([contacts[citizen] for citizen in changed])
            codes = [code for code in codes if code.citizen_id in lost]
        raise ContendedError

    async def address_failed(self, notification: Notification) -> None:
        """Mark the message's address as bad until its owner gives another. Raises ContendedError.

        A report about a former address changes nothing.
        """
        await self._change_owner(notification, works=False)

    async def address_worked(self, notification: Notification) -> None:
        """Note that this message arrived: its address is not bad. Raises ContendedError."""
        reach = (await self.reaches({notification.citizen_id})).get(notification.citizen_id)
        if reach is not None and notification.channel in reach.failing:
            await self._change_owner(notification, works=True)

    async def _change_owner(self, notification: Notification, *, works: bool) -> None:
        owner = notification.citizen_id
        if not owner.startswith(STAFF):
            await self._change(self.store, owner, notification, works=works)
        elif self.staff is not None:
            await self._change(self.staff, owner.removeprefix(STAFF), notification, works=works)
        self.changed([owner])

    async def _change(self, records: Records[A], key: str, notification: Notification, *, works: bool) -> None:
        changed, channel = False, notification.channel

        def note(contact: A) -> bool:
            nonlocal changed
            changed = self._is_current(notification, contact) and (
                contact.address_works(channel) if works else contact.address_fails(channel, self.clock())
            )
            return changed

        with suppress(NotFoundError):
            await change(records, key, note)
        if changed and not works:
            BAD_ADDRESSES.labels(channel).inc()

    def _is_current(self, notification: Notification, contact: Addressed) -> bool:
        """Whether the message went to the contact's present address."""
        purpose = SEALED_AS[notification.channel]
        try:
            used, current = (
                self.keys.unseal(sealed, purpose, owner=contact.sealed_for)
                for sealed in (notification.to or "", contact.address(notification.channel))
            )
        except SealBrokenError:
            return False
        return used == current


def _deliver(code: Notification, contact: Contact) -> bool:
    seq = int(code.event_id.rpartition("/")[2])
    at = code.delivered_at or code.attempts[-1]["at"]
    return contact.code_delivered(seq, cast(Channel, code.channel), at)
