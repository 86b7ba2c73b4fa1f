"""A message that cannot be unsealed or written affects no other recipient."""

from typing import Any

import pytest

from services.notifier.models.following import DIGEST
from services.notifier.models.notification import DeliveryState, Notification
from services.notifier.models.preferences import Preferences
from services.notifier.writing import composing
from shared.bus import DONE
from shared.events import RequestFollowed
from shared.seal import SealPurpose
from tests.builders import CITIZEN, KEYS, NUMBER, a_delivery, an_envelope
from tests.unit.notifier.memory import World
from tests.unit.notifier.test_respected_preferences import ACCEPTED, FOLLOWER, OTHER, a_world, happen, sent, the_one


async def close_the_email(world: World, citizen: str) -> None:
    """Break the sealed email of a citizen."""
    contact = await world.contacts.get(citizen)
    assert contact is not None
    contact.email = KEYS.seal("a@example.org", SealPurpose.CITIZEN_EMAIL, owner="somebody else")
    await world.contacts.save_many([contact])
    world.known.changed([citizen])


async def test_a_follower_with_a_broken_address_delays_nobody() -> None:
    world = await a_world(Preferences.of({"channels": {"following": "email"}}))
    await happen(world, RequestFollowed(citizen_id=FOLLOWER))
    await close_the_email(world, FOLLOWER)
    world.clock.advance(seconds=60)
    await happen(world, ACCEPTED, 2)
    assert [one.citizen_id for one in world.notifications.all() if one.template == "request.accepted"] == [CITIZEN]


async def test_an_unwritable_digest_delays_no_other_message() -> None:
    world = await a_world(Preferences.of({"channels": {"following": "email"}, "daily": "18:00"}), at_once=False)
    await happen(world, RequestFollowed(citizen_id=FOLLOWER))
    world.clock.advance(seconds=60)
    await happen(world, ACCEPTED, 2)
    await close_the_email(world, FOLLOWER)
    world.clock.advance(hours=5)
    await happen(world, ACCEPTED, 3)
    await sent(world)
    assert the_one(world, DIGEST).state is DeliveryState.CREATED, "it is tried again"
    told = [one.state for one in world.notifications.all() if one.template == "request.accepted"]
    assert told == [DeliveryState.DELIVERED] * 2


async def test_unwritable_message_fails_only_its_own_event(monkeypatch: pytest.MonkeyPatch) -> None:
    world = await a_world(Preferences())

    def write(notification: Notification, *more: Any) -> None:
        if notification.subject == OTHER:
            raise TypeError
        composing.write(notification, *more)

    monkeypatch.setattr("services.notifier.service.write", write)
    envelopes = [an_envelope(ACCEPTED, subject=number) for number in (OTHER, NUMBER)]
    first, second = await world.notifier.take([a_delivery(envelope) for envelope in envelopes])
    assert (first.verdict, second) == ("retry", DONE)
    assert [one.subject for one in world.notifications.all()] == [NUMBER]
