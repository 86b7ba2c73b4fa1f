"""Combined messages, with events in any order and number, and after crashes."""

import asyncio
import random
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta

import pytest

from services.notifier.models.combining import COMBINATIONS, EARLIER, NEVER_FIRST
from services.notifier.models.notification import DeliveryState
from shared.bus import DONE, Delivery
from shared.events import (
    Event,
    RequestAppealFiled,
    RequestCorrected,
    RequestOverridden,
    RequestRevived,
    RequestSeparated,
    RequestSubmitted,
    RequestTransferred,
    RequestWithdrawn,
)
from tests.builders import CITIZEN, NUMBER, a_delivery, an_envelope
from tests.fakes import AwayError
from tests.unit.notifier.memory import MemoryNotifications, Recording, World
from tests.unit.notifier.samples import EVENTS, filed, free, registered, routed, with_words

RECEIVED = "We have your complaint"
FILED = filed(RequestSubmitted, "complaint", "verifying")
SUBMITTED = a_delivery(an_envelope(FILED, 1))


def after(event: Event, requests: int) -> Event:
    """Routing's event in response to an event of the citizen; `heard` counts those before it."""
    return event.model_copy(update={"heard": requests - 1})


ROUTED = a_delivery(an_envelope(after(routed(), 1), 1))


async def a_world(*, at_once: bool = True, language: str = "en") -> World:
    """A notifier that knows its citizen."""
    world = World(Recording(at_once=at_once))
    assert await world.citizens.take([a_delivery(an_envelope(registered(language), subject=CITIZEN))]) == [DONE]
    return world


async def pass_window(world: World) -> None:
    """Let the window of all waiting messages pass."""
    for _ in range(3):
        world.clock.advance(seconds=6)
        await world.courier.round()


def told(world: World) -> list[str]:
    """The texts of all sent messages."""
    by_id = {one.id: one for one in world.notifications.all() if one.words}
    words = dict(zip(by_id, world.words(), strict=True))
    return [words[key] for key, one in by_id.items() if one.state is DeliveryState.DELIVERED]


@pytest.mark.parametrize("at_once", [True, False])
async def test_filing_and_routing_are_combined_into_one_message(at_once: bool) -> None:
    world = await a_world(at_once=at_once)
    await world.notifier.take([SUBMITTED])
    world.clock.advance(seconds=1)
    await world.courier.round()
    assert told(world) == []
    await world.notifier.take([ROUTED])
    await pass_window(world)
    [words] = told(world)
    assert words.startswith(RECEIVED)
    assert NUMBER in words
    assert "Peshawar Electric Supply Company, due by" in words
    earlier, later = world.notifications.all()
    assert (earlier.state, earlier.included_in, earlier.words) == (DeliveryState.CANCELLED, later.id, None)
    assert later.template == "request.routed.filed"


async def test_filing_and_routing_are_combined_in_urdu_too() -> None:
    world = await a_world(language="ur")
    await world.notifier.take([SUBMITTED])
    await world.notifier.take([ROUTED])
    [words] = told(world)
    assert NUMBER in words
    assert "محکمہ آب رسانی" in words


async def test_without_routing_the_receipt_is_sent_when_its_window_ends() -> None:
    world = await a_world()
    await world.notifier.take([SUBMITTED])
    await pass_window(world)
    [words] = told(world)
    assert words.startswith(RECEIVED)
    assert "Peshawar" not in words


async def test_after_the_window_each_message_is_sent_separately() -> None:
    world = await a_world()
    await world.notifier.take([SUBMITTED])
    await pass_window(world)
    await world.notifier.take([ROUTED])
    first, second = told(world)
    assert first.startswith(RECEIVED)
    assert second.startswith("Your complaint")


@pytest.mark.parametrize("late", [1, 30])
async def test_a_routing_that_arrives_first_waits_for_the_filing(late: int) -> None:
    world = await a_world()
    await world.notifier.take([ROUTED])
    assert told(world) == []
    world.clock.advance(seconds=late)
    await world.courier.round()
    await world.notifier.take([SUBMITTED])
    await pass_window(world)
    [words] = told(world)
    assert words.startswith(RECEIVED if late == 1 else "Your complaint")
    assert next(n for n in world.notifications.all() if n.template == FILED_TEMPLATE).state is DeliveryState.CANCELLED


FILED_TEMPLATE = "request.submitted.verifying"


async def test_both_events_in_one_batch_are_combined() -> None:
    world = await a_world()
    moved = [a_delivery(an_envelope(event, seq)) for seq, event in enumerate([TRANSFERRED, after(routed(), 1)], 2)]
    await world.notifier.take(moved)
    [words] = told(world)
    assert words.startswith(f'{NUMBER} went to another department: "The lamp is theirs." It is with Peshawar')


TRANSFERRED = after(free(RequestTransferred, "reason", "The lamp is theirs.", to="water"), 1)


async def test_an_earlier_routing_does_not_include_a_later_transfer() -> None:
    world = await a_world()
    await world.notifier.take([SUBMITTED])
    await world.notifier.take([ROUTED])
    await world.notifier.take([a_delivery(an_envelope(after(routed(), 1), 3))])  # it overtakes its transfer
    assert len(told(world)) == 1
    await world.notifier.take([a_delivery(an_envelope(TRANSFERRED, 2))])
    await pass_window(world)
    first, second = told(world)
    assert first.startswith(RECEIVED)
    assert "The lamp is theirs." in second


async def test_withdrawal_replaces_the_receipt() -> None:
    world = await a_world()
    await world.notifier.take([SUBMITTED, a_delivery(an_envelope(RequestWithdrawn(citizen_id=CITIZEN), 2))])
    await pass_window(world)
    [words] = told(world)
    assert "was withdrawn" in words


async def test_a_message_that_is_being_sent_is_not_included() -> None:
    """If the provider has or may have it, the later message does not include it."""
    world = await a_world(at_once=False)
    await world.notifier.take([SUBMITTED])
    world.clock.advance(seconds=6)
    [sending] = await world.notifications.due("sms", 10, urgent=False)
    sending.state, due_at = DeliveryState.SENDING, sending.due_at
    assert due_at is not None
    await world.notifications.claim({sending.id: due_at}, [sending], timedelta(seconds=30))
    await world.notifier.take([ROUTED])
    world.clock.advance(seconds=60)
    await pass_window(world)
    first, second = told(world)
    assert sending.id == f"requests/{NUMBER}/1:sms"
    assert first.startswith(RECEIVED)
    assert second.startswith("Your complaint")


async def test_a_crash_before_recording_the_later_message_loses_nothing() -> None:
    world = await a_world()
    await world.notifier.take([SUBMITTED])
    world.notifications.away = True
    with pytest.raises(AwayError):
        await world.notifier.take([ROUTED])
    world.notifications.away = False
    await pass_window(world)
    assert told(world) == []
    await world.notifier.take([ROUTED])
    [words] = told(world)
    assert words.startswith(RECEIVED)


async def test_both_messages_wait_for_an_unknown_contact() -> None:
    world = World(Recording())
    await world.notifier.take([SUBMITTED])
    await world.notifier.take([ROUTED])
    await world.citizens.take([a_delivery(an_envelope(registered(), subject=CITIZEN))])
    await pass_window(world)
    [words] = told(world)
    assert words.startswith(RECEIVED)


OTHERS: list[tuple[Event, str]] = [
    (filed(RequestCorrected, "complaint", "verifying"), "Thank you. Your corrected complaint"),
    (next(e for e in with_words("Seen on Monday.") if isinstance(e, RequestOverridden)), "Seen on Monday."),
    (next(e for e in EVENTS if isinstance(e, RequestAppealFiled)), "appeal against RB-7F3K-9Q2M-E"),
    (RequestSeparated(citizen_id=CITIZEN, actor="officer"), "again"),
    (RequestRevived(citizen_id=CITIZEN, ended="RB-7F3K-9Q2M-E"), "RB-7F3K-9Q2M-E"),
]


@pytest.mark.parametrize(("event", "words"), OTHERS)
async def test_earlier_message_is_combined_with_the_routing(event: Event, words: str) -> None:
    world = await a_world()
    await world.notifier.take([a_delivery(an_envelope(event, 7))])
    await world.notifier.take([a_delivery(an_envelope(after(routed(), 7), 4))])
    await pass_window(world)
    [combined] = told(world)
    assert words in combined
    assert "due by" in combined or "decides by" in combined


def test_no_message_waits_for_an_impossible_one() -> None:
    assert COMBINATIONS.keys() >= NEVER_FIRST
    assert EARLIER.isdisjoint(COMBINATIONS)


class Unhurried(MemoryNotifications):
    """Notifications that yield to other tasks at each step."""

    async def find(self, ids: Collection[str]) -> list:  # type: ignore[type-arg]
        """Read slowly."""
        found = await super().find(ids)
        await others_turn()
        return found

    async def later(self, numbers: Collection[str]) -> list:  # type: ignore[type-arg]
        """Read slowly."""
        found = await super().later(numbers)
        await others_turn()
        return found

    async def include(self, included_in: Mapping[str, str]) -> int:
        """Include slowly."""
        await others_turn()
        included = await super().include(included_in)
        await others_turn()
        return included


async def others_turn() -> None:
    """Yield to other tasks, or not."""
    for _ in range(random.randrange(4)):
        await asyncio.sleep(0)


@pytest.mark.parametrize("seed", range(150))
async def test_two_replicas_send_each_message_exactly_once(seed: int) -> None:
    random.seed(seed)
    world = await a_world(at_once=bool(seed % 2))
    world.notifications.__class__ = Unhurried
    streams: list[Sequence[Delivery]] = [[SUBMITTED], [SUBMITTED], [ROUTED], [ROUTED]]
    random.shuffle(streams)

    async def take(batch: Sequence[Delivery]) -> None:
        await others_turn()
        await world.notifier.take(batch)

    async def send() -> None:
        await others_turn()
        world.clock.advance(seconds=random.choice([0, 1, 6]))
        await world.courier.round()

    await asyncio.gather(*(take(batch) for batch in streams), *(send() for _ in range(3)))
    for _ in range(2):
        world.clock.advance(seconds=40)
        await asyncio.gather(send(), send())
    words = told(world)
    assert len([text for text in words if text.startswith(RECEIVED)]) <= 1
    assert len([text for text in words if "Peshawar Electric" in text]) == 1
    assert len(words) == 1 or [text[:8] for text in sorted(words)] == ["We have ", "Your com"]
    assert {one.state for one in world.notifications.all()} <= {DeliveryState.DELIVERED, DeliveryState.CANCELLED}
