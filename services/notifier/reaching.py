"""Whether messages reach a citizen: by channel, and since when not."""

from services.notifier import schemas
from services.notifier.models import EMAIL, SMS, Contact
from services.notifier.models.addressed import SEALED_AS
from services.notifier.store import ContactStore
from shared.clock import written
from shared.seal import KeyRing


class Reaching:
    """The use case."""

    def __init__(self, contacts: ContactStore, keys: KeyRing) -> None:
        self._contacts = contacts
        self._keys = keys

    async def own(self, citizen_id: str) -> schemas.Reach:
        """How well a citizen is reached by each channel."""
        contact = await self._contacts.get(citizen_id)
        return {"sms": self._by(SMS, contact), "email": self._by(EMAIL, contact)}

    def _by(self, channel: str, contact: Contact | None) -> schemas.Reached:
        sealed = contact.address(channel) if contact else ""
        address = self._keys.unseal(sealed, SEALED_AS[channel], owner=contact.id) if contact and sealed else ""
        if contact is None or not address:
            return {"state": "none", "address": None, "since": None}
        since = contact.failing.get(channel)
        if since is not None:
            return {"state": "failing", "address": masked(address), "since": written(since)}
        unproven = channel == SMS and contact.mobile_unproven
        return {"state": "unproven" if unproven else "ok", "address": masked(address), "since": None}


def masked(address: str) -> str:
    """An address that its owner knows again, and others do not learn."""
    name, at, domain = address.partition("@")
    if not at:
        return f"{address[:6]}…{address[-2:]}" if len(address) > 8 else "…"
    return f"{name[:2] if len(name) > 2 else ''}…@{domain}"
