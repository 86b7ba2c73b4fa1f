"""What cannot be opened or written concerns its own reader only: everybody else is told."""

from services.notifier.models import Preferences, State
from services.notifier.models.digest import DIGEST
from shared.events import RequestFollowed
from tests.builders import CITIZEN, KEYS
from tests.unit.notifier.memory import World
from tests.unit.notifier.test_chosen import ACCEPTED, FOLLOWER, a_world, happen, sent, the_one


async def close_the_email(world: World, citizen: str) -> None:
    """The address of a citizen does not open any more."""
    contact = await world.contacts.get(citizen)
    assert contact is not None
    contact.email = KEYS.seal("a@example.org", "citizen.email", of="somebody else")
    await world.contacts.save_many([contact])
    world.known.changed([citizen])


async def test_a_follower_whose_address_does_not_open_holds_nobody_up() -> None:
    world = await a_world(Preferences.of({"channels": {"following": "email"}}))
    await happen(world, RequestFollowed(citizen_id=FOLLOWER))
    await close_the_email(world, FOLLOWER)
    world.clock.advance(seconds=60)
    await happen(world, ACCEPTED, 2)
    assert [one.citizen_id for one in world.notifications.all() if one.template == "request.accepted"] == [CITIZEN]


async def test_a_digest_that_cannot_be_written_holds_no_other_message_up() -> None:
    world = await a_world(Preferences.of({"channels": {"following": "email"}, "daily": "18:00"}), at_once=False)
    await happen(world, RequestFollowed(citizen_id=FOLLOWER))
    world.clock.advance(seconds=60)
    await happen(world, ACCEPTED, 2)
    await close_the_email(world, FOLLOWER)
    world.clock.advance(hours=5)
    await happen(world, ACCEPTED, 3)
    await sent(world)
    assert the_one(world, DIGEST).state is State.CREATED, "it is tried again"
    told = [one.state for one in world.notifications.all() if one.template == "request.accepted"]
    assert told == [State.DELIVERED] * 2
