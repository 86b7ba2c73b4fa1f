"""After an erasure nothing is sent, and sent messages have no text."""

from datetime import timedelta
from typing import Any

import pytest

from services.notifier.channels.provider import DeliveryResult
from services.notifier.contacts import Contacts
from services.notifier.models.following import Follower
from services.notifier.models.notification import DeliveryState
from shared.bus import DONE
from shared.clock import utc_now
from shared.events import CitizenErased, RequestAccepted, RequestProgressed, RequestSubmitted
from tests.builders import CITIZEN, KEYS, a_delivery, an_envelope
from tests.unit.notifier.memory import Recording, World
from tests.unit.notifier.samples import MOBILE, OF_DEPARTMENT, code, filed, free, registered

SUBMITTED = filed(RequestSubmitted, "complaint", "information_needed")
NOTE = free(RequestProgressed, "note", "The lamp of Amina")


class Erasing(World):
    """A notifier with its sweep."""

    def __init__(self) -> None:
        self.channel = Recording()
        super().__init__(self.channel)
        self.now = utc_now()
        store: Any = self.contacts
        self.erasing = Contacts(store, KEYS, lambda: self.now)

    async def citizen_emits(self, *emitted: Any, first: int) -> None:
        """Process events of the citizen stream."""
        deliveries = [a_delivery(an_envelope(event, seq, subject=CITIZEN)) for seq, event in enumerate(emitted, first)]
        assert await self.citizens.take(deliveries) == [DONE] * len(emitted)

    def emptied(self) -> bool:
        """Whether no message has a text or a citizen."""
        made = self.notifications.all()
        return not any(n.words or n.to or n.event for n in made) and not any(
            n.citizen_id == CITIZEN for n in made if n.subject != CITIZEN
        )


@pytest.fixture
async def world() -> Erasing:
    """A citizen with some messages."""
    world = Erasing()
    await world.citizen_emits(registered(), code(), first=1)
    await world.notifier.take([a_delivery(an_envelope(SUBMITTED)), a_delivery(an_envelope(NOTE))])
    return world


async def test_contact_and_messages_are_emptied(world: Erasing) -> None:
    assert len(world.words()) == 3
    await world.citizen_emits(CitizenErased(), first=3)
    await world.erasing.finish_erasures(world.notifications, world.followers)
    assert world.emptied()
    contact = world.contacts.documents[CITIZEN]
    assert (contact["name"], contact["mobile"], contact["email"], contact["mobile_index"]) == ("", "", "", "")
    assert MOBILE[-7:] not in str(world.contacts.documents)


async def test_a_message_after_the_erasure_has_no_text_and_is_not_sent(world: Erasing) -> None:
    await world.citizen_emits(CitizenErased(), first=3)
    sent = len(world.channel.sent)
    late = RequestAccepted.model_validate(OF_DEPARTMENT)
    assert await world.notifier.take([a_delivery(an_envelope(late, 2))]) == [DONE]
    made = world.notifications.all()[-1]
    assert (made.state, made.words, made.to, made.event) == (DeliveryState.CANCELLED, None, None, None)
    assert len(world.channel.sent) == sent


async def test_waiting_messages_are_not_sent(world: Erasing) -> None:
    world.channel.result = DeliveryResult(DeliveryState.TEMPORARY_FAILURE)
    later = RequestAccepted.model_validate(OF_DEPARTMENT)
    await world.notifier.take([a_delivery(an_envelope(later, 2))])
    for notification in world.notifications.documents.values():
        notification |= {"state": DeliveryState.CREATED.value, "due_at": world.clock()}
    await world.citizen_emits(CitizenErased(), first=3)
    world.channel.sent.clear()
    world.clock.advance(minutes=10)
    await world.courier.round()
    assert world.channel.sent == []
    await world.erasing.finish_erasures(world.notifications, world.followers)
    assert world.emptied()


async def test_the_sweep_continues_until_no_message_can_be_under_way(world: Erasing) -> None:
    await world.citizen_emits(CitizenErased(), first=3)
    await world.erasing.finish_erasures(world.notifications, world.followers)
    document = world.notifications.documents[f"requests/{an_envelope(SUBMITTED).subject}/1:sms"]
    document |= {"citizen_id": CITIZEN, "words": "written by a replica that did not know yet"}
    await world.erasing.finish_erasures(world.notifications, world.followers)
    assert world.emptied()
    world.now += timedelta(minutes=16)
    await world.erasing.finish_erasures(world.notifications, world.followers)
    assert world.contacts.documents[CITIZEN]["erasing_until"] is None


async def test_followed_requests_are_deleted(world: Erasing) -> None:
    await world.followers.note(Follower("RB-1", CITIZEN, world.clock()), 1, follows=True)
    await world.followers.note(Follower("RB-1", "a-third", world.clock()), 2, follows=True)
    await world.citizen_emits(CitizenErased(), first=3)
    await world.erasing.finish_erasures(world.notifications, world.followers)
    assert [follower.citizen_id for follower in await world.followers.of(["RB-1"])] == ["a-third"]
