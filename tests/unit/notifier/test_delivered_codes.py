"""The delivery of a code is published once; codes go to the channel and address of their event."""

import dataclasses

import pytest

from services.notifier.channels.provider import DeliveryResult
from services.notifier.models.contact import Contact
from services.notifier.models.notification import DeliveryState
from shared.events import CitizenCodeIssued, NotificationCodeDelivered
from shared.seal import SealPurpose
from tests.builders import CITIZEN, KEYS, a_delivery, an_envelope
from tests.unit.notifier.memory import Recording, World
from tests.unit.notifier.samples import code, registered


async def world_with_contact(*, at_once: bool = True) -> tuple[World, Recording]:
    """A notifier that knows the citizen, and its provider."""
    channel = Recording(at_once=at_once)
    world = World(channel, email=channel)
    await world.citizens.take([a_delivery(an_envelope(registered(), 1, subject=CITIZEN))])
    return world, channel


async def told(world: World) -> list[NotificationCodeDelivered]:
    """The events about delivered codes."""
    contact = await world.contacts.get(CITIZEN)
    assert isinstance(contact, Contact)
    return [NotificationCodeDelivered.model_validate_json(entry["data"]) for entry in contact.stored["events"]]


async def take(world: World, event: CitizenCodeIssued, seq: int = 2) -> None:
    """Process a code."""
    await world.citizens.take([a_delivery(an_envelope(event, seq, subject=CITIZEN))])


async def test_a_code_delivered_by_recording_is_published_once() -> None:
    world, _ = await world_with_contact()
    for _ in range(3):
        await take(world, code())
    assert [(arrival.code_seq, arrival.channel, arrival.delivered_at) for arrival in await told(world)] == [
        (2, "sms", world.clock())
    ]


async def test_a_code_is_published_only_once_the_gateway_has_it() -> None:
    world, channel = await world_with_contact(at_once=False)
    channel.result = DeliveryResult(DeliveryState.TEMPORARY_FAILURE)
    await take(world, code())
    await world.courier.round()
    assert await told(world) == []
    channel.result = DeliveryResult(DeliveryState.DELIVERED)
    world.clock.advance(seconds=60)
    await world.courier.round()
    assert [arrival.code_seq for arrival in await told(world)] == [2]


async def test_a_code_goes_by_email_if_the_event_says_so() -> None:
    world, channel = await world_with_contact(at_once=False)
    await take(world, code().model_copy(update={"channel": "email"}))
    await world.courier.round()
    assert [(where, "482913" in words) for _, where, words in channel.sent] == [("a@example.org", True)]
    (made,) = world.notifications.all()
    assert (made.id, made.channel, made.state) == (f"identity/{CITIZEN}/2:sms", "email", DeliveryState.DELIVERED)
    assert [arrival.channel for arrival in await told(world)] == ["email"]


async def test_a_code_for_another_mobile_is_sent_to_it() -> None:
    world, channel = await world_with_contact(at_once=False)
    await take(
        world,
        code("contact").model_copy(
            update={"to": KEYS.seal("+923009999999", SealPurpose.CITIZEN_MOBILE, owner=CITIZEN)}
        ),
    )
    await world.courier.round()
    assert [where for _, where, _ in channel.sent] == ["+923009999999"]


@pytest.mark.parametrize("state", [DeliveryState.CREATED, DeliveryState.TEMPORARY_FAILURE, DeliveryState.EXPIRED])
async def test_an_undelivered_code_is_not_published(state: DeliveryState) -> None:
    world, _ = await world_with_contact(at_once=False)
    await take(world, code())
    (made,) = world.notifications.all()
    await world.known.publish_delivered_codes([dataclasses.replace(made, state=state)])
    assert await told(world) == []
