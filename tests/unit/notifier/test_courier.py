"""The courier delivers later, once, what could not be delivered at once."""

import re
from datetime import timedelta

import pytest
from prometheus_client import REGISTRY

from services.notifier.channels.provider import DeliveryResult
from services.notifier.models.delivery import LAST_PATIENCE, MAX_UNSURE
from services.notifier.models.notification import DeliveryState
from services.notifier.writing.composing import reference_of
from shared.events import CitizenDeviceSeen, Event, RequestSubmitted
from tests.builders import CITIZEN, KEYS, a_delivery, an_envelope
from tests.unit.notifier.memory import Recording, World
from tests.unit.notifier.samples import MOBILE, code, filed, registered

SUBMITTED = filed(RequestSubmitted, "complaint", "information_needed")


async def registration_arrives(world: World, language: str = "en") -> None:
    """The registration arrives."""
    await world.citizens.take([a_delivery(an_envelope(registered(language), 1, subject=CITIZEN))])


async def state(world: World) -> DeliveryState:
    """The state of the only notification."""
    (made,) = world.notifications.all()
    return made.state


async def test_a_message_waits_for_its_contact_and_uses_its_language() -> None:
    world = World(Recording())
    await world.notifier.take([a_delivery(an_envelope(SUBMITTED))])
    assert await world.courier.round() == 0
    assert await state(world) is DeliveryState.CREATED
    await registration_arrives(world, "ur")
    assert await world.courier.round() == 0  # it is postponed
    world.clock.advance(seconds=2)
    assert await world.courier.round() == 1
    (made,) = world.notifications.all()
    assert (made.state, made.language, made.event) == (DeliveryState.DELIVERED, "ur", None)
    assert "شکایت" in world.words()[0]
    assert await world.courier.round() == 0


async def test_an_expired_code_is_never_sent() -> None:
    channel = Recording(at_once=False)
    world = World(channel)
    await world.citizens.take([a_delivery(an_envelope(code(minutes=10), 2, subject=CITIZEN))])
    await world.courier.round()
    world.clock.advance(minutes=11)
    await registration_arrives(world)
    await world.courier.round()
    assert await state(world) is DeliveryState.EXPIRED
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
    assert await state(world) is DeliveryState.DELIVERED


@pytest.mark.parametrize("how", ["refuses", "breaks"])
async def test_a_failed_attempt_is_retried_with_growing_pauses(how: str) -> None:
    channel = Recording(at_once=False)
    if how == "refuses":
        channel.result = DeliveryResult(DeliveryState.TEMPORARY_FAILURE)
    channel.error = ConnectionError() if how == "breaks" else None
    world = World(channel)
    await registration_arrives(world)
    await world.notifier.take([a_delivery(an_envelope(SUBMITTED))])
    await world.courier.round()
    (made,) = world.notifications.all()
    assert (made.state, made.due_at) == (DeliveryState.CREATED, world.clock() + timedelta(seconds=5))
    failed = "temporary-failure" if how == "refuses" else "technical-failure"
    assert [attempt["state"] for attempt in made.attempts] == [failed]
    assert await world.courier.round() == 0
    channel.result, channel.error = DeliveryResult(DeliveryState.DELIVERED), None
    world.clock.advance(seconds=5)
    await world.courier.round()
    (made,) = world.notifications.all()
    assert made.state is DeliveryState.DELIVERED
    assert [attempt["state"] for attempt in made.attempts] == [failed, "delivered"]


@pytest.mark.parametrize(
    "result", [DeliveryResult(DeliveryState.SENDING, "SM123"), DeliveryResult(DeliveryState.PERMANENT_FAILURE)]
)
async def test_an_accepted_or_refused_message_is_not_sent_again(result: DeliveryResult) -> None:
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


async def test_an_uncertain_message_is_sent_at_most_three_times() -> None:
    channel = Recording(at_once=False)
    channel.result = DeliveryResult(DeliveryState.TEMPORARY_FAILURE, unsure=True)
    world = World(channel)
    await registration_arrives(world)
    await world.notifier.take([a_delivery(an_envelope(SUBMITTED))])
    for _ in range(6):
        await world.courier.round()
        world.clock.advance(minutes=6)
    assert await state(world) is DeliveryState.TEMPORARY_FAILURE
    assert len(channel.sent) == MAX_UNSURE


async def test_without_another_channel_message_fails_after_a_day() -> None:
    channel = Recording(at_once=False)
    channel.result = DeliveryResult(DeliveryState.TEMPORARY_FAILURE)
    world = World(channel)
    await registration_arrives(world)
    await world.notifier.take([a_delivery(an_envelope(SUBMITTED))])
    began = world.clock()
    while world.clock() - began < LAST_PATIENCE:
        await world.courier.round()
        assert await state(world) is DeliveryState.CREATED
        world.clock.advance(minutes=30)
    await world.courier.round()
    assert await state(world) is DeliveryState.TEMPORARY_FAILURE
    assert len(channel.sent) == LAST_PATIENCE / timedelta(minutes=30) + 1


async def dies_sending(world: World, channel: Recording) -> None:
    """Crash after the claim and before the call."""
    await registration_arrives(world)
    await world.notifier.take([a_delivery(an_envelope(SUBMITTED))])
    world.clock.advance(seconds=5)
    (waiting,) = [n for n in world.notifications.all() if n.due_at]
    read = {waiting.id: world.clock()}
    world.notifications.documents[waiting.id]["due_at"] = world.clock()
    waiting.calling = {"provider": channel.name, "at": world.clock()}
    waiting.state, waiting.ours = DeliveryState.SENDING, reference_of(waiting.id, KEYS)
    await world.notifications.claim(read, [waiting], timedelta(seconds=30))


async def test_without_a_channel_the_text_is_written_for_the_portal() -> None:
    world = World(None)
    await world.notifier.take([a_delivery(an_envelope(SUBMITTED))])
    await registration_arrives(world)
    await world.courier.round()
    (made,) = world.notifications.all()
    assert (made.state, made.due_at, made.event) == (DeliveryState.CREATED, None, None)
    assert len(world.words()) == 1


async def test_a_crash_while_sending_is_followed_up_when_the_lease_ends() -> None:
    channel = Recording(at_once=False)
    world = World(channel)
    await dies_sending(world, channel)
    assert await world.courier.round() == 0
    assert await state(world) is DeliveryState.SENDING
    for _ in range(2):  # it cannot be asked, so the attempt is uncertain
        world.clock.advance(seconds=30)
        await world.courier.round()
    (made,) = world.notifications.all()
    assert (made.state, made.calling) == (DeliveryState.DELIVERED, None)
    assert [attempt.get("unsure", False) for attempt in made.attempts] == [True, False]


@pytest.mark.parametrize("took_it", [True, False])
async def test_provider_is_asked_about_a_call_without_an_answer(took_it: bool) -> None:
    channel = Recording(at_once=False)
    channel.asks_by = "ours"
    world = World(channel)
    await dies_sending(world, channel)
    reference = reference_of(world.notifications.all()[0].id, KEYS)
    answer = (
        DeliveryResult(DeliveryState.SENDING, "SM1") if took_it else DeliveryResult(DeliveryState.TEMPORARY_FAILURE)
    )
    channel.asked[reference] = answer
    for _ in range(3):
        world.clock.advance(seconds=30)
        await world.courier.round()
    assert len(channel.sent) == (0 if took_it else 1)
    assert await state(world) is (DeliveryState.SENDING if took_it else DeliveryState.DELIVERED)


async def test_provider_without_an_answer_is_asked_twice_before_resending() -> None:
    channel = Recording(at_once=False)
    channel.asks_by = "ours"
    world = World(channel)
    await dies_sending(world, channel)
    for sent in (0, 0, 1):
        world.clock.advance(seconds=30)
        await world.courier.round()
        assert len(channel.sent) == sent


async def test_an_unanswered_code_is_sent_by_the_other_provider() -> None:
    first, second = Recording(at_once=False, name="sms"), Recording(at_once=False, name="sms-backup")
    first.asks_by, first.result = "ours", DeliveryResult(DeliveryState.TEMPORARY_FAILURE, unsure=True)
    second.weight = 0
    world = World((first, second))
    await registration_arrives(world)
    await world.citizens.take([a_delivery(an_envelope(code(), 2, subject=CITIZEN))])
    for _ in range(3):
        await world.courier.round()
        world.clock.advance(seconds=1)
    assert (len(first.sent), len(second.sent)) == (1, 1)


async def test_a_code_is_never_sent_again_after_it_expired() -> None:
    channel = Recording(at_once=False)
    channel.result = DeliveryResult(DeliveryState.TEMPORARY_FAILURE, unsure=True)
    world = World(channel)
    await registration_arrives(world)
    await world.citizens.take([a_delivery(an_envelope(code(minutes=1), 2, subject=CITIZEN))])
    await world.courier.round()
    world.clock.advance(seconds=61)
    await world.courier.round()
    assert await state(world) is DeliveryState.EXPIRED
    assert len(channel.sent) == 1
    assert world.notifications.all()[0].words == ""


async def test_the_text_of_a_code_is_deleted_once_a_provider_has_it() -> None:
    channel = Recording(at_once=False)
    channel.result = DeliveryResult(DeliveryState.SENDING, "SM1")
    world = World(channel)
    await registration_arrives(world)
    await world.citizens.take([a_delivery(an_envelope(code(), 2, subject=CITIZEN))])
    await world.courier.round()
    assert "482913" in channel.sent[0][2]
    assert world.notifications.all()[0].words == ""


async def test_a_provider_is_asked_for_three_days_and_then_it_has_failed() -> None:
    channel = Recording(at_once=False)
    channel.asks_by, channel.result = "theirs", DeliveryResult(DeliveryState.SENDING, "SM1")
    channel.asked["SM1"] = DeliveryResult(DeliveryState.SENDING, "SM1")
    world = World(channel)
    await registration_arrives(world)
    await world.notifier.take([a_delivery(an_envelope(SUBMITTED))])
    world.clock.advance(seconds=5)
    await world.courier.round()
    taken, asked = world.clock(), 0
    while world.notifications.all()[0].due_at is not None:
        world.clock.advance(minutes=1)
        asked += await world.courier.round()
    assert await state(world) is DeliveryState.TEMPORARY_FAILURE
    assert timedelta(hours=72) <= world.clock() - taken < timedelta(hours=90)
    assert (asked, len(channel.sent)) == (5, 1)


async def test_after_a_failure_the_other_provider_is_tried_at_once() -> None:
    first, second = Recording(at_once=False, name="sms"), Recording(at_once=False, name="sms-backup")
    for provider in (first, second):
        provider.result = DeliveryResult(DeliveryState.TEMPORARY_FAILURE)
    world = World((first, second))
    await registration_arrives(world)
    await world.citizens.take([a_delivery(an_envelope(code(), 2, subject=CITIZEN))])
    for _ in range(2):
        await world.courier.round()
    assert (len(first.sent), len(second.sent)) == (1, 1)


async def test_after_a_permanent_failure_by_sms_a_message_goes_by_email() -> None:
    by_sms, by_email = Recording(at_once=False), Recording(at_once=False, name="email", channel="email")
    by_sms.result = DeliveryResult(DeliveryState.PERMANENT_FAILURE, bad_address=True)
    world = World(by_sms, email=by_email)
    await registration_arrives(world)
    await world.notifier.take([a_delivery(an_envelope(SUBMITTED))])
    world.clock.advance(seconds=5)
    await world.courier.round()
    await world.courier.round()
    (made,) = world.notifications.all()
    assert (made.channel, made.state, made.provider) == ("email", DeliveryState.DELIVERED, "email")
    assert [attempt["channel"] for attempt in made.attempts] == ["sms", "email"]
    assert [where for _, where, _ in by_email.sent] == ["a@example.org"]


@pytest.mark.parametrize("event", [code(), CitizenDeviceSeen(channel="email")])
async def test_codes_and_account_notices_stay_on_their_channel(event: Event) -> None:
    """A code proves its channel; a notice about a new device must not go only to the channel of the code."""
    by_sms, by_email = Recording(at_once=False), Recording(at_once=False, name="email", channel="email")
    by_sms.result = DeliveryResult(DeliveryState.PERMANENT_FAILURE)
    world = World(by_sms, email=by_email)
    await registration_arrives(world)
    await world.citizens.take([a_delivery(an_envelope(event, 2, subject=CITIZEN))])
    for _ in range(2):
        await world.courier.round()
    assert await state(world) is DeliveryState.PERMANENT_FAILURE
    assert by_email.sent == []


async def test_a_provider_is_paused_for_as_long_as_it_asks() -> None:
    channel = Recording(at_once=False)
    channel.result = DeliveryResult(DeliveryState.TEMPORARY_FAILURE, pause=60.0)
    world = World(channel)
    await registration_arrives(world)
    await world.citizens.take([a_delivery(an_envelope(code(), 2, subject=CITIZEN))])
    for second in range(60):
        await world.courier.round()
        assert len(channel.sent) == 1, second
        world.clock.advance(seconds=1)
    await world.courier.round()
    assert len(channel.sent) == 2


@pytest.mark.parametrize("event", [code(), CitizenDeviceSeen(channel="email")])
async def test_paused_provider_is_replaced_by_another(event: Event) -> None:
    first, backup = Recording(at_once=False, name="sms"), Recording(at_once=False, name="sms-backup")
    backup.weight = 0  # it gets only messages that the first cannot take
    world = World((first, backup))
    await registration_arrives(world)
    await world.rates.pause("sms", timedelta(minutes=5))
    await world.citizens.take([a_delivery(an_envelope(event, 2, subject=CITIZEN))])
    await world.courier.round()
    assert (len(first.sent), len(backup.sent)) == (0, 1)
    (made,) = world.notifications.all()
    assert made.attempts[0]["provider"] == "sms-backup"
