"""The report to citizens whether messages arrive."""

from typing import Any, cast

import pytest

from services.notifier.models.contact import Contact
from services.notifier.models.message import EMAIL, SMS
from services.notifier.own_messages import OwnMessages, masked
from shared.seal import SealPurpose
from tests.builders import CITIZEN, KEYS
from tests.fakes import START, MemoryStore

ADDRESSES = {"mobile": "+923001234567", "email": "ayesha@example.com"}


async def reach(**fields: Any) -> dict[str, tuple[str, str | None]]:
    """State and address of each channel of a contact with these fields; without fields, of an unknown citizen."""
    store: Any = MemoryStore(Contact)
    if fields:
        sealed = {
            name: KEYS.seal(text, SealPurpose(f"citizen.{name}"), owner=CITIZEN) for name, text in ADDRESSES.items()
        }
        await store.save_many([Contact(id=CITIZEN, **{**sealed, **fields})])
    told = await OwnMessages(store, cast(Any, None), KEYS).reach(CITIZEN)
    return {
        SMS: (told["sms"]["state"], told["sms"]["address"]),
        EMAIL: (told["email"]["state"], told["email"]["address"]),
    }


async def test_the_state_of_each_channel_is_reported() -> None:
    assert await reach() == {SMS: ("none", None), EMAIL: ("none", None)}
    assert await reach(language="ur") == {SMS: ("ok", "+92300…67"), EMAIL: ("ok", "ay…@example.com")}
    assert (await reach(failing={EMAIL: START}))[EMAIL][0] == "failing"
    assert (await reach(mobile_unproven=True))[SMS][0] == "unproven"
    assert (await reach(email=KEYS.seal("", SealPurpose.CITIZEN_EMAIL, owner=CITIZEN)))[EMAIL] == ("none", None)


@pytest.mark.parametrize(
    ("address", "shown"),
    [("ab@example.com", "…@example.com"), ("abc@example.com", "ab…@example.com"), ("+92300", "…"), ("", "…")],
)
def test_a_short_address_is_masked_too(address: str, shown: str) -> None:
    assert masked(address) == shown
