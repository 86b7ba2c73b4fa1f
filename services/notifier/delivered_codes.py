"""Says that codes were delivered, so that the page on which somebody waits for one can show it."""

from collections.abc import Sequence
from typing import Literal, cast

from services.notifier.models import Contact, Notification, State
from shared.changing import ContendedError, attempts
from shared.records import Records

TEMPLATE = "citizen.code_issued"


class DeliveredCodes:
    """Tells identity of delivered codes, by an event of the contact."""

    def __init__(self, contacts: Records[Contact]) -> None:
        self._contacts = contacts

    async def tell(self, notifications: Sequence[Notification]) -> None:
        """Say it of each delivered code among these; of one that was told before, nothing. Raises ContendedError."""
        codes = [n for n in notifications if n.template == TEMPLATE and n.state is State.DELIVERED]
        async for _ in attempts():
            if not codes:
                return
            contacts = await self._contacts.load_many({code.citizen_id for code in codes})
            said = {code.citizen_id for code in codes if self._say(code, contacts.get(code.citizen_id))}
            lost = await self._contacts.save_many([contacts[citizen] for citizen in said])
            codes = [code for code in codes if code.citizen_id in lost]
        raise ContendedError

    @staticmethod
    def _say(code: Notification, contact: Contact | None) -> bool:
        if contact is None:
            return False
        event_id = code.id.rpartition(":")[0]
        channel = cast(Literal["sms", "email"], code.channel)
        at = code.delivered_at or code.attempts[-1]["at"]
        return contact.code_delivered(int(event_id.rpartition("/")[2]), channel, at)
