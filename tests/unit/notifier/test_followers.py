"""Followers get each step once, from following until unfollowing."""

from datetime import timedelta
from typing import get_args

from services.notifier.handlers import FOLLOWED
from shared.bus import DONE
from shared.envelope import Envelope
from shared.events import (
    Event,
    RequestAccepted,
    RequestClosed,
    RequestFollowed,
    RequestResolved,
    RequestTransferred,
    RequestUnfollowed,
)
from shared.seal import SealPurpose
from shared.settlement import DeliveryQuestion
from tests.builders import CITIZEN, KEYS, NUMBER, a_delivery, an_envelope
from tests.fakes import START
from tests.unit.notifier.memory import Recording, World
from tests.unit.notifier.samples import OF_DEPARTMENT, free, registered, routed

FOLLOWER = "citizen-2"
ACCEPTED = RequestAccepted.model_validate(OF_DEPARTMENT)


async def take(world: World, *sent: tuple[Event, int, timedelta]) -> None:
    """Process events: event, seq, time after the start."""
    envelopes = []
    for event, seq, after in sent:
        plain = an_envelope(event, seq)
        envelopes.append(Envelope(plain.source, plain.type, plain.subject, seq, START + after, plain.data, None))
    assert await world.notifier.take([a_delivery(e) for e in envelopes]) == [DONE] * len(envelopes)


def heard(world: World, citizen: str) -> list[str]:
    """The templates of a citizen's notifications."""
    return [one.template for one in world.notifications.all() if one.citizen_id == citizen]


async def test_a_follower_gets_the_steps_after_following() -> None:
    world = World(None)
    minute = timedelta(minutes=1)
    await take(world, (ACCEPTED, 1, 0 * minute))
    await take(world, (RequestFollowed(citizen_id=FOLLOWER), 5, minute))
    await take(world, (ACCEPTED, 2, 2 * minute))
    assert heard(world, FOLLOWER) == ["request.followed", "followed.step"]
    assert heard(world, CITIZEN) == ["request.accepted"] * 2


async def test_a_follower_gets_one_message_about_a_transfer() -> None:
    world = World(Recording())
    known = registered("en", "+923451234567", of=FOLLOWER)
    await world.citizens.take([a_delivery(an_envelope(known, subject=FOLLOWER))])
    moved = free(RequestTransferred, "reason", "It is theirs.", to="water")
    there = routed().model_copy(update={"actor": "officer-1"})
    hour = timedelta(hours=1)
    await take(world, (RequestFollowed(citizen_id=FOLLOWER), 1, 0 * hour), (moved, 2, hour), (there, 3, hour))
    [step] = [words for words in world.words() if "which you follow" in words]
    assert "another department" in step


def test_a_follower_gets_a_message_about_every_kind_of_end() -> None:
    """Except a merge, after which they follow the primary, and a decided appeal, which nobody can follow."""
    ways = set(get_args(RequestClosed.model_fields["reason"].annotation)) - {"merged", "decided"}
    assert {f"request.{way}.v1" for way in ways} <= FOLLOWED


async def test_a_repeated_event_causes_no_second_message() -> None:
    world = World(None)
    for _ in range(3):
        await take(world, (RequestFollowed(citizen_id=FOLLOWER), 5, timedelta()))
        await take(world, (ACCEPTED, 2, timedelta(minutes=1)))
    assert heard(world, FOLLOWER) == ["request.followed", "followed.step"]


async def test_former_follower_gets_nothing_in_any_order_of_events() -> None:
    world = World(None)
    await take(world, (RequestUnfollowed(citizen_id=FOLLOWER), 6, timedelta(minutes=1)))
    await take(world, (RequestFollowed(citizen_id=FOLLOWER), 5, timedelta()))
    await take(world, (ACCEPTED, 2, timedelta(minutes=2)))
    assert "followed.step" not in heard(world, FOLLOWER)


async def test_a_step_is_settled_only_after_its_followers_have_their_messages() -> None:
    world = World(None)
    await take(world, (RequestFollowed(citizen_id=FOLLOWER), 5, timedelta()))
    order: list[str] = []
    insert = world.notifications.insert_new

    async def noting(notifications: list) -> None:  # type: ignore[type-arg]
        order.extend(one.citizen_id for one in notifications)
        await insert(notifications)

    world.notifications.insert_new = noting  # type: ignore[method-assign, assignment]
    await take(world, (ACCEPTED, 1, timedelta(minutes=1)))
    assert order == [FOLLOWER, CITIZEN]
    asked = DeliveryQuestion(source="routing", stream="request@routing", records={NUMBER: (0, [ACCEPTED.type])})
    assert await world.notifier.seen(asked) == {NUMBER: 1}


async def test_a_follower_gets_nobodys_text() -> None:
    world = World(None)
    reply = KEYS.seal("Mr Khan of house 14 was told.", SealPurpose.REQUEST_REPLY, owner=NUMBER)
    resolved = RequestResolved.model_validate({**OF_DEPARTMENT, "outcome": "granted", "reply": reply})
    await take(world, (RequestFollowed(citizen_id=FOLLOWER), 5, timedelta()), (resolved, 1, timedelta(minutes=1)))
    assert not any("house 14" in words for words in world.words())
