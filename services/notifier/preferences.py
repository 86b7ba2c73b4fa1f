"""A citizen's preferences: all of them signed in, or one group by the link in an email."""

from collections.abc import Callable
from dataclasses import replace
from typing import cast

from services.notifier import schemas
from services.notifier.contacts import Contacts
from services.notifier.models.contact import Contact
from services.notifier.models.message import EMAIL, SMS
from services.notifier.models.preferences import CHOICES, OPTIONAL, PORTAL_ONLY, Group, Preferences
from services.notifier.writing.composing import read_stop_token
from shared.changing import change
from shared.errors import InvalidError, NotFoundError, field_error
from shared.records import Records
from shared.seal import KeyRing, SealPurpose


class CitizenPreferences:
    """The use cases of preferences."""

    def __init__(self, store: Records[Contact], contacts: Contacts, keys: KeyRing) -> None:
        self._store = store
        self._contacts = contacts
        self._keys = keys

    async def chosen(self, citizen_id: str) -> Preferences:
        """A citizen's preferences."""
        contact = await self._store.get(citizen_id)
        return Preferences.of(contact.preferences if contact else {})

    async def choose(self, citizen_id: str, preferences: Preferences, language: str = "en") -> None:
        """Store new preferences. Raises InvalidError for email without an address, ContendedError."""

        def replaced(contact: Contact) -> Preferences:
            by_email = [str(group) for group in CHOICES if preferences.channels.get(group) == EMAIL]
            if by_email and not self._has_email(contact):
                wrong = [field_error(f"/channels/{group}", "email_missing", language) for group in by_email]
                raise InvalidError(errors=wrong)
            return preferences

        await self._change(citizen_id, replaced)

    async def choose_sms(self, citizen_id: str, *, wanted: bool) -> None:
        """Stop or resume optional messages by SMS; those by email stay. Raises ContendedError."""
        before, after = (PORTAL_ONLY, SMS) if wanted else (SMS, PORTAL_ONLY)

        def changed(contact: Contact) -> Preferences:
            chosen = Preferences.of(contact.preferences)
            moved = {str(group): after for group in OPTIONAL if (chosen.channel(group) or SMS) == before}
            return replace(chosen, channels={**chosen.channels, **moved})

        await self._change(citizen_id, changed)

    async def stopped(self, token: str) -> tuple[Group, bool]:
        """The group of a link, and whether it is stopped. Raises NotFoundError."""
        citizen_id, group = self._read(token)
        return group, (await self.chosen(citizen_id)).channel(group) == PORTAL_ONLY

    async def stop(self, token: str, *, stopped: bool) -> Group:
        """Stop a group of messages, or resume it by email. Raises NotFoundError, ContendedError."""
        citizen_id, group = self._read(token)
        channel = PORTAL_ONLY if stopped else EMAIL

        def changed(contact: Contact) -> Preferences:
            before = Preferences.of(contact.preferences)
            return replace(before, channels={**before.channels, group.value: channel})

        await self._change(citizen_id, changed)
        return group

    def _read(self, token: str) -> tuple[str, Group]:
        read = read_stop_token(token, self._keys)
        if read is None:
            raise NotFoundError
        return read

    async def _change(self, citizen_id: str, choose: Callable[[Contact], Preferences]) -> None:
        """Store the result of `choose` in the contact, which may not exist yet. Raises ContendedError."""

        def changed(contact: Contact) -> None:
            if contact.erased:
                raise NotFoundError
            contact.preferences = choose(contact).document()

        await change(self._store, citizen_id, changed, lambda: Contact(id=citizen_id))
        self._contacts.changed([citizen_id])

    def _has_email(self, contact: Contact) -> bool:
        sealed = contact.email
        return bool(sealed and self._keys.unseal(sealed, SealPurpose.CITIZEN_EMAIL, owner=contact.id))


def answer(chosen: Preferences) -> schemas.Preferences:
    """The preferences, with defaults for everything that was not chosen."""
    channels = {str(group): chosen.channel(group) or usual[0] for group, usual in CHOICES.items()}
    return {
        "channels": cast(schemas.ChosenChannels, channels),
        "quiet_hours": cast(schemas.ChosenQuietHours | None, chosen.document().get("quiet")),
        "digest_at": f"{chosen.daily:%H:%M}" if chosen.daily else None,
    }
