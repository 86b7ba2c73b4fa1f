"""The notifier respects preferences: channel, none, quiet hours, and a daily digest of followed requests."""

from collections.abc import Iterator
from datetime import time, timedelta
from typing import Any

import pytest

from services.notifier.models.contact import Contact
from services.notifier.models.following import DIGEST, SETTLING, STEP
from services.notifier.models.notification import DeliveryState, Notification
from services.notifier.models.preferences import CHOICES, DAY, Group, Preferences, Quiet
from services.notifier.preferences import CitizenPreferences
from services.notifier.writing import templates
from services.notifier.writing.composing import outbound_message, stop_token
from shared.bus import DONE
from shared.envelope import Envelope
from shared.events import (
    Event,
    RequestAccepted,
    RequestFollowed,
    RequestProgressed,
    RequestResolved,
)
from shared.seal import SealPurpose
from tests.builders import CITIZEN, KEYS, NUMBER, a_delivery, an_envelope
from tests.fakes import START
from tests.unit.notifier.memory import Recording, World
from tests.unit.notifier.samples import MOBILE, OF_DEPARTMENT, code, free

FOLLOWER = "citizen-2"
OTHER = "RB-0000-0000-0"
ACCEPTED = RequestAccepted.model_validate(OF_DEPARTMENT)
PROGRESSED = free(RequestProgressed, "note", "Done.")
RESOLVED = free(RequestResolved, "reply", "Done.", outcome="granted")
HOUR = timedelta(hours=1)  # it starts at 14:00 in Pakistan
NIGHT = Preferences.of({"quiet": {"start": "22:00", "end": "07:00"}})
TO_THE_NIGHT = 9 * HOUR  # 23:00
TO_THE_MORNING = 17 * HOUR  # 07:00


async def a_world(
    preferences: Preferences, *, email: str = "a@example.org", at_once: bool = True, mobile_unproven: bool = False
) -> World:
    """A citizen and a follower with the same preferences, and a provider for each channel."""
    world = World(Recording(at_once=at_once), Recording(at_once=at_once, name="email", channel="email"))
    for citizen in (CITIZEN, FOLLOWER):
        contact = Contact(id=citizen, mobile_unproven=mobile_unproven, preferences=preferences.document())
        contact.mobile = KEYS.seal(MOBILE, SealPurpose.CITIZEN_MOBILE, owner=citizen)
        contact.email = KEYS.seal(email, SealPurpose.CITIZEN_EMAIL, owner=citizen)
        await world.contacts.save_many([contact])
    return world


async def happen(world: World, event: Event, seq: int = 1, number: str = NUMBER) -> None:
    """Process an event."""
    plain = an_envelope(event, seq)
    about = CITIZEN if plain.source == "identity" else number
    envelope = Envelope(plain.source, plain.type, about, seq, world.clock(), plain.data, None)
    assert await world.notifier.take([a_delivery(envelope)]) == [DONE]


async def sent(world: World) -> list[str]:
    """Run the courier; returns the texts of all delivered messages."""
    while await world.courier.round():
        pass
    return [text_of(one) for one in world.notifications.all() if one.state is DeliveryState.DELIVERED]


def text_of(notification: Notification) -> str:
    """The text of a message."""
    return KEYS.unseal(notification.words or "", SealPurpose.NOTIFICATION_WORDS, owner=notification.citizen_id)


def the_one(world: World, template: str) -> Notification:
    """The only message of a template."""
    (found,) = [one for one in world.notifications.all() if one.template == template]
    return found


@pytest.mark.parametrize(("chosen", "goes"), [("sms", "sms"), ("email", "email"), (None, "sms")])
async def test_a_message_uses_the_chosen_channel(chosen: str | None, goes: str) -> None:
    world = await a_world(Preferences({"progress": chosen} if chosen else {}))
    await happen(world, ACCEPTED)
    message = the_one(world, "request.accepted")
    assert (message.channel, message.state) == (goes, DeliveryState.DELIVERED)
    assert message.id == f"routing/{NUMBER}/1:sms"


async def test_the_choice_for_one_group_does_not_affect_another() -> None:
    world = await a_world(Preferences({"progress": "email"}))
    await happen(world, RESOLVED)
    assert the_one(world, "request.resolved.department").channel == "sms"


async def test_without_an_email_address_a_message_goes_by_sms() -> None:
    world = await a_world(Preferences({"decisions": "email"}), email="")
    await happen(world, RESOLVED)
    message = the_one(world, "request.resolved.department")
    assert (message.channel, message.state) == ("sms", DeliveryState.DELIVERED)


async def test_no_choice_sends_sms_to_an_unproven_mobile() -> None:
    world = await a_world(Preferences({"progress": "sms"}), mobile_unproven=True)
    await happen(world, ACCEPTED)
    assert the_one(world, "request.accepted").channel == "email"


async def test_an_unwanted_message_is_stored_with_its_text_and_not_sent() -> None:
    world = await a_world(Preferences({"progress": "none"}))
    await happen(world, ACCEPTED)
    message = the_one(world, "request.accepted")
    assert (message.state, message.due_at) == (DeliveryState.CANCELLED, None)
    assert NUMBER in text_of(message)
    assert await sent(world) == []


@pytest.mark.parametrize("channel", ["none", "email"])
async def test_codes_and_decisions_cannot_be_switched_off(channel: str) -> None:
    everything = dict.fromkeys(["codes", "account", "decisions", "progress", "following", "work"], channel)
    world = await a_world(Preferences(everything, NIGHT.quiet))
    world.clock.at = START + TO_THE_NIGHT
    await happen(world, RESOLVED)
    await happen(world, code(minutes=600))
    assert the_one(world, "request.resolved.department").state is DeliveryState.DELIVERED
    message = the_one(world, "citizen.code_issued")
    assert (message.channel, message.state) == ("sms", DeliveryState.DELIVERED)


@pytest.mark.parametrize("at_once", [True, False])
async def test_quiet_hours_delay_a_message_over_midnight(at_once: bool) -> None:
    world = await a_world(NIGHT, at_once=at_once)
    world.clock.at = START + TO_THE_NIGHT
    await happen(world, ACCEPTED)
    for hour in range(8):
        world.clock.at = START + TO_THE_NIGHT + hour * HOUR
        assert await sent(world) == []
    world.clock.at = START + TO_THE_MORNING
    assert len(await sent(world)) == 1
    assert the_one(world, "request.accepted").attempts[0]["at"] == START + TO_THE_MORNING


async def test_no_retry_happens_in_quiet_hours() -> None:
    world = await a_world(NIGHT, at_once=False)
    world.clock.at = START + 8 * HOUR - timedelta(seconds=1)
    await happen(world, ACCEPTED)
    world.clock.at = START + 8 * HOUR
    assert await sent(world) == []
    world.clock.at = START + TO_THE_MORNING
    assert len(await sent(world)) == 1


async def test_stopping_a_group_cancels_messages_that_wait_for_the_morning() -> None:
    world = await a_world(NIGHT)
    world.clock.at = START + TO_THE_NIGHT
    await happen(world, ACCEPTED)
    store: Any = world.contacts
    await CitizenPreferences(store, world.known, KEYS).choose(CITIZEN, Preferences({"progress": "none"}, NIGHT.quiet))
    world.clock.at = START + TO_THE_MORNING
    assert await sent(world) == []
    assert the_one(world, "request.accepted").state is DeliveryState.CANCELLED


DAILY = Preferences.of({"daily": "18:00"})
TO_THE_DIGEST = 4 * HOUR + SETTLING


async def follow(world: World, *numbers: str) -> None:
    """Let the follower follow these requests."""
    for number in numbers:
        await happen(world, RequestFollowed(citizen_id=FOLLOWER), 9, number)
    world.clock.advance(seconds=1)


def of_follower(world: World, template: str) -> list[Notification]:
    """The follower's messages of a template."""
    return [one for one in world.notifications.all() if (one.citizen_id, one.template) == (FOLLOWER, template)]


async def test_a_digest_has_the_newest_step_of_each_request_once_a_day() -> None:
    world = await a_world(DAILY)
    await follow(world, NUMBER, OTHER)
    for seq, event in enumerate((ACCEPTED, PROGRESSED, RESOLVED), start=1):
        await happen(world, event, seq)
        world.clock.advance(minutes=1)
    await happen(world, ACCEPTED, 1, OTHER)
    steps = of_follower(world, STEP)
    assert {(one.state, one.included_in) for one in steps} == {
        (DeliveryState.CANCELLED, of_follower(world, DIGEST)[0].id)
    }
    assert all(NUMBER in text_of(one) or OTHER in text_of(one) for one in steps)
    before = await sent(world)
    world.clock.at = START + TO_THE_DIGEST
    assert [text for text in await sent(world) if text not in before] == [
        "Requests you follow:\n"
        f"{OTHER}: the department has begun to work on it\n"
        f"{NUMBER}: the department has closed it with a reply"
    ]


async def test_repeated_events_make_no_second_digest() -> None:
    world = await a_world(DAILY)
    await follow(world, NUMBER)
    for _ in range(3):
        await happen(world, ACCEPTED)
    world.clock.at = START + TO_THE_DIGEST
    await sent(world)
    await happen(world, ACCEPTED)  # again, after the digest has gone
    world.clock.advance(days=2)
    await sent(world)
    delivered = [one for one in of_follower(world, DIGEST) if one.state is DeliveryState.DELIVERED]
    assert len(delivered) == 1


async def test_a_day_without_steps_has_no_digest() -> None:
    world = await a_world(DAILY)
    await follow(world, NUMBER)
    for seq, day in enumerate((0, 1, 3), start=1):
        world.clock.at = START + day * DAY + timedelta(minutes=1)
        await happen(world, PROGRESSED, seq)
    world.clock.at = START + 5 * DAY
    await sent(world)
    times = sorted(one.created_at for one in of_follower(world, DIGEST))
    assert times == [START + day * DAY + 4 * HOUR for day in (0, 1, 3)]


async def test_a_digest_in_quiet_hours_is_sent_after_them() -> None:
    world = await a_world(Preferences(daily=DAILY.daily, quiet=Quiet(time(17), time(7))))
    await follow(world, NUMBER)
    await happen(world, ACCEPTED)
    before = await sent(world)
    world.clock.at = START + TO_THE_DIGEST
    assert await sent(world) == before
    world.clock.at = START + TO_THE_MORNING
    assert len(await sent(world)) == len(before) + 1


async def test_a_digest_uses_the_channel_chosen_for_followed_requests() -> None:
    world = await a_world(Preferences({"following": "email"}, daily=DAILY.daily))
    await follow(world, NUMBER)
    await happen(world, ACCEPTED)
    world.clock.at = START + TO_THE_DIGEST
    await sent(world)
    (digest,) = of_follower(world, DIGEST)
    assert (digest.channel, digest.state) == ("email", DeliveryState.DELIVERED)


async def test_a_digest_leaves_out_the_citizens_own_requests() -> None:
    world = await a_world(DAILY)
    await happen(world, ACCEPTED)
    assert the_one(world, "request.accepted").state is DeliveryState.DELIVERED


def test_the_first_choice_of_a_group_is_its_default() -> None:
    assert {channels[0] for channels in CHOICES.values()} == {"sms"}


@pytest.fixture
def public() -> Iterator[str]:
    """Set the portal's address."""
    templates.use(templates.texts(), templates.Figures(origin="https://rabta.example"))
    yield "https://rabta.example"
    templates.use(templates.texts(), templates.Figures())


@pytest.mark.parametrize(("event", "group"), [(ACCEPTED, Group.PROGRESS), (RESOLVED, None)])
async def test_only_optional_emails_have_an_unsubscribe_link(public: str, event: Event, group: Group | None) -> None:
    world = await a_world(Preferences({"progress": "email", "decisions": "email"}))
    await happen(world, event)
    (message,) = world.notifications.all()
    link = outbound_message(message, KEYS).unsubscribe
    assert link == (f"{public}/messages/stop/{stop_token(CITIZEN, group, KEYS)}" if group else None)


async def test_an_sms_has_no_unsubscribe_link(public: str) -> None:
    world = await a_world(Preferences())
    await happen(world, ACCEPTED)
    (message,) = world.notifications.all()
    assert outbound_message(message, KEYS).unsubscribe is None
