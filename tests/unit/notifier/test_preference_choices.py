"""Preferences are stored with the contact, refused if invalid, and changed by links in emails."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.notifier.api.preferences import PreferencesBody
from services.notifier.contacts import Contacts
from services.notifier.models.contact import Contact
from services.notifier.models.preferences import CHOICES, OPTIONAL, Group, Preferences
from services.notifier.preferences import CitizenPreferences, answer
from services.notifier.writing.composing import read_stop_token, stop_link, stop_token
from shared.errors import InvalidError, NotFoundError
from shared.jsonbody import Body
from shared.seal import SealPurpose
from tests.body_examples import bodies
from tests.builders import CITIZEN, KEYS
from tests.fakes import FakeClock
from tests.unit.notifier.memory import MemoryContacts

EXAMPLE = bodies("notifier")["PreferencesBody"]
BY_EMAIL = Preferences({"progress": "email"})


def a_contact(email: str = "a@example.org") -> Contact:
    """A contact with or without an email address."""
    return Contact(id=CITIZEN, mobile="sealed", email=KEYS.seal(email, SealPurpose.CITIZEN_EMAIL, owner=CITIZEN))


async def choosing(contact: Contact | None) -> CitizenPreferences:
    """The use cases with one contact."""
    store: Any = MemoryContacts(Contact, FakeClock())
    await store.save_many([contact] if contact else [])
    return CitizenPreferences(store, Contacts(store, KEYS, FakeClock()), KEYS)


def test_stored_preferences_are_returned() -> None:
    assert answer(PreferencesBody.model_validate(EXAMPLE).chosen()) == EXAMPLE


def test_defaults_are_not_stored() -> None:
    assert PreferencesBody().chosen().document() == {}
    assert answer(Preferences()) == {
        "channels": {"decisions": "sms", "progress": "sms", "following": "sms"},
        "quiet_hours": None,
        "digest_at": None,
    }


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"channels": {"decisions": "none"}}, "literal_error"),
        ({"channels": {"codes": "email"}}, "extra_forbidden"),
        ({"quiet_hours": {"start": "22:00", "end": "22:00"}}, "quiet_all_day"),
        ({"quiet_hours": {"start": "24:00", "end": "07:00"}}, "hour"),
        ({"digest_at": "6 pm"}, "hour"),
        ({"digest_at": "18:00:00"}, "hour"),
    ],
)
def test_an_invalid_choice_is_refused(wrong: dict[str, Any], code: str) -> None:
    with pytest.raises(ValidationError) as refused:
        PreferencesBody.model_validate(wrong)
    assert [error["type"] for error in refused.value.errors()] == [code]


def test_an_hour_can_use_digits_of_any_script() -> None:
    assert PreferencesBody.model_validate({"digest_at": "۱۸:۰۰"}).digest_at == "18:00"


async def test_email_cannot_be_chosen_without_an_address() -> None:
    with pytest.raises(InvalidError) as refused:
        await (await choosing(a_contact(""))).choose(CITIZEN, BY_EMAIL)
    assert [error["pointer"] for error in refused.value.errors] == ["/channels/progress"]


async def test_preferences_can_arrive_before_the_registration() -> None:
    cases = await choosing(None)
    chosen = Preferences({"progress": "none"})
    await cases.choose(CITIZEN, chosen)
    assert await cases.chosen(CITIZEN) == chosen


async def test_an_erased_citizen_cannot_choose() -> None:
    gone = a_contact()
    gone.preferences = BY_EMAIL.document()
    gone.erase(FakeClock()())
    assert gone.preferences == {}
    with pytest.raises(NotFoundError):
        await (await choosing(gone)).choose(CITIZEN, Preferences())


async def test_a_link_stops_and_resumes_only_its_group() -> None:
    cases = await choosing(a_contact())
    await cases.choose(CITIZEN, Preferences({"progress": "email", "decisions": "email"}))
    token = stop_token(CITIZEN, Group.FOLLOWING, KEYS)
    assert await cases.stopped(token) == (Group.FOLLOWING, False)
    for _ in range(2):
        await cases.stop(token, stopped=True)
    assert await cases.stopped(token) == (Group.FOLLOWING, True)
    stopped = (await cases.chosen(CITIZEN)).channels
    assert stopped == {"progress": "email", "decisions": "email", "following": "none"}
    await cases.stop(token, stopped=False)
    assert (await cases.chosen(CITIZEN)).channels["following"] == "email"


@pytest.mark.parametrize("group", sorted(OPTIONAL))
def test_a_link_contains_its_person_and_group(group: Group) -> None:
    link = stop_link("https://rabta.example/", CITIZEN, group, "ur", KEYS)
    assert link.startswith("https://rabta.example/ur/messages/stop/")
    assert read_stop_token(link.rpartition("/")[2], KEYS) == (CITIZEN, group)


def test_no_link_stops_a_required_group() -> None:
    for group in set(Group) - OPTIONAL:
        assert read_stop_token(stop_token(CITIZEN, group, KEYS), KEYS) is None


@given(st.data())
def test_an_altered_link_is_refused(data: st.DataObject) -> None:
    token = stop_token(CITIZEN, Group.PROGRESS, KEYS)
    place = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.characters(exclude_characters=token[place]))
    assert read_stop_token(token[:place] + other + token[place + 1 :], KEYS) is None
    assert read_stop_token(token + other, KEYS) is None


def test_every_choice_of_the_model_is_a_choice_of_the_api() -> None:
    channels: type[Body] = PreferencesBody.model_fields["channels"].annotation  # type: ignore[assignment]
    assert {name: field.annotation.__args__ for name, field in channels.model_fields.items()} == {  # type: ignore[union-attr]
        str(group): offered for group, offered in CHOICES.items()
    }
