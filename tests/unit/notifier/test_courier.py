"""The courier: what could not be delivered at once is, later, once."""

import re
from datetime import timedelta

import pytest
from prometheus_client import REGISTRY

from services.notifier.channels import DeliveryResult
from services.notifier.models import MOST_UNSURE, State
from services.notifier.models.delivery import PATIENCE
from shared.events import RequestSubmitted
from tests.builders import CITIZEN, a_delivery, an_envelope
from tests.unit.notifier.memory import Recording, World
from tests.unit.notifier.samples import MOBILE, code, filed, registered

SUBMITTED = filed(RequestSubmitted, "complaint", "information_needed")


async def registration_arrives(world: World, language: str = "en") -> None:
    """What was overtaken arrives."""
    await world.citizens.take([a_delivery(an_envelope(registered(language), 1, subject=CITIZEN))])


async def state(world: World) -> State:
    """How far the one notification has got."""
    (made,) = world.notifications.all()
    return made.state


async def test_a_message_waits_for_its_contact_and_then_speaks_its_language() -> None:
    world = World(Recording())
    await world.notifier.take([a_delivery(an_envelope(SUBMITTED))])
    assert await world.courier.round() == 0
    assert await state(world) is State.CREATED
    await registration_arrives(world, "ur")
    assert await world.courier.round() == 0  # it looks again after a pause
    world.clock.advance(seconds=2)
    assert await world.courier.round() == 1
    (made,) = world.notifications.all()
    assert (made.state, made.language, made.event) == (State.DELIVERED, "ur", None)
    assert "موصول" in world.words()[0]
    assert await world.courier.round() == 0


async def test_a_code_that_waited_too_long_is_never_sent() -> None:
    channel = Recording(at_once=False)
    world = World(channel)
    await world.citizens.take([a_delivery(an_envelope(code(minutes=10), 2, subject=CITIZEN))])
    await world.courier.round()
    world.clock.advance(minutes=11)
    await registration_arrives(world)
    await world.courier.round()
    assert await state(world) is State.EXPIRED
    assert channel.sent == []


@pytest.mark.parametrize("at_once", [True, False])
async def test_messages_are_counted_by_channel(at_once: bool) -> None:
    world = World(Recording(at_once=at_once))
    await registration_arrives(world)

    def sent() -> float:
        return REGISTRY.get_sample_value("rabta_messages_sent_total", {"channel": "sms"}) or 0

    before = sent()
    await world.notifier.take([a_delivery(an_envelope(SUBMITTED))])
    await world.courier.round()
    assert sent() == before + 1


async def test_a_gateway_gets_the_message_after_it_is_recorded() -> None:
    channel = Recording(at_once=False)
    world = World(channel)
    await registration_arrives(world)
    await world.notifier.take([a_delivery(an_envelope(SUBMITTED))])
    assert channel.sent == []
    assert await world.courier.round() == 1
    ((key, address, words),) = channel.sent
    assert re.fullmatch("[0-9a-f]{32}", key)
    assert address == MOBILE
    assert words.startswith("We have your complaint")
    assert await state(world) is State.DELIVERED


@pytest.mark.parametrize("how", ["refuses", "breaks"])
async def test_a_failed_attempt_is_noted_and_repeated_with_growing_pauses(how: str) -> None:
    channel = Recording(at_once=False)
    if how == "refuses":
        channel.result = DeliveryResult(State.TEMPORARY_FAILURE)
    channel.error = ConnectionError() if how == "breaks" else None
    world = World(channel)
    await registration_arrives(world)
    await world.notifier.take([a_delivery(an_envelope(SUBMITTED))])
    await world.courier.round()
    (made,) = world.notifications.all()
    assert (made.state, made.due_at) == (State.CREATED, world.clock() + timedelta(seconds=5))
    failed = "temporary-failure" if how == "refuses" else "technical-failure"
    assert [attempt["state"] for attempt in made.attempts] == [failed]
    assert await world.courier.round() == 0
    channel.result, channel.error = DeliveryResult(State.DELIVERED), None
    world.clock.advance(seconds=5)
    await world.courier.round()
    (made,) = world.notifications.all()
    assert made.state is State.DELIVERED
    assert [attempt["state"] for attempt in made.attempts] == [failed, "delivered"]


@pytest.mark.parametrize("result", [DeliveryResult(State.SENDING, "SM123"), DeliveryResult(State.PERMANENT_FAILURE)])
async def test_a_message_is_not_sent_again_once_it_was_taken_or_can_never_arrive(result: DeliveryResult) -> None:
    channel = Recording(at_once=False)
    channel.result = result
    world = World(channel)
    await registration_arrives(world)
    await world.notifier.take([a_delivery(an_envelope(SUBMITTED))])
    await world.courier.round()
    world.clock.advance(minutes=60)
    await world.courier.round()
    (made,) = world.notifications.all()
    assert (made.state, made.reference, made.due_at) == (result.state, result.reference, None)
    assert len(channel.sent) == 1


async def test_what_may_have_been_taken_is_sent_three_times_at_most() -> None:
    channel = Recording(at_once=False)
    channel.result = DeliveryResult(State.TEMPORARY_FAILURE, unsure=True)
    world = World(channel)
    await registration_arrives(world)
    await world.notifier.take([a_delivery(an_envelope(SUBMITTED))])
    for _ in range(6):
        await world.courier.round()
        world.clock.advance(minutes=6)
    assert await state(world) is State.TEMPORARY_FAILURE
    assert len(channel.sent) == MOST_UNSURE


async def test_after_some_hours_it_has_failed_for_everybody_to_see() -> None:
    channel = Recording(at_once=False)
    channel.result = DeliveryResult(State.TEMPORARY_FAILURE)
    world = World(channel)
    await registration_arrives(world)
    await world.notifier.take([a_delivery(an_envelope(SUBMITTED))])
    began = world.clock()
    while world.clock() - began < PATIENCE:
        await world.courier.round()
        assert await state(world) is State.CREATED
        world.clock.advance(minutes=6)
    await world.courier.round()
    assert await state(world) is State.TEMPORARY_FAILURE
    assert len(channel.sent) == PATIENCE / timedelta(minutes=6) + 1


async def test_who_died_sending_is_followed_up_when_the_lease_ends() -> None:
    channel = Recording(at_once=False)
    world = World(channel)
    await registration_arrives(world)
    await world.notifier.take([a_delivery(an_envelope(SUBMITTED))])
    (waiting,) = world.notifications.all()
    await world.notifications.claim([waiting.id], timedelta(seconds=30))
    assert await world.courier.round() == 0
    assert await state(world) is State.SENDING
    world.clock.advance(seconds=30)
    assert await world.courier.round() == 1
    assert await state(world) is State.DELIVERED


async def test_without_a_channel_the_words_are_written_for_the_citizen_to_read() -> None:
    world = World(None)
    await world.notifier.take([a_delivery(an_envelope(SUBMITTED))])
    await registration_arrives(world)
    await world.courier.round()
    (made,) = world.notifications.all()
    assert (made.state, made.due_at, made.event) == (State.CREATED, None, None)
    assert len(world.words()) == 1
