"""Messages about confidential requests reach their citizen; anonymous requests cause none."""

import pytest

from services.notifier.models.notification import DeliveryState
from shared.bus import DONE
from shared.events import ANONYMOUS, CONFIDENTIAL, RequestAccepted, RequestSubmitted
from shared.seal import SealPurpose
from shared.settlement import DeliveryQuestion
from tests.builders import CITIZEN, KEYS, NUMBER, a_delivery, an_envelope
from tests.unit.notifier.memory import Recording, World
from tests.unit.notifier.samples import FILED, OF_DEPARTMENT, registered

HIDDEN = CONFIDENTIAL + KEYS.seal(CITIZEN, SealPurpose.REQUEST_CITIZEN, owner=NUMBER)
NOBODY = f"{ANONYMOUS}{'0' * 32}"


def submitted(citizen_id: str) -> RequestSubmitted:
    """A filing."""
    return RequestSubmitted.model_validate(
        {**FILED, "citizen_id": citizen_id, "kind": "complaint", "state": "verifying"}
    )


@pytest.fixture
def world() -> World:
    """A notifier whose channel delivers by recording."""
    return World(Recording())


async def test_the_citizen_of_a_confidential_request_gets_messages(world: World) -> None:
    await world.citizens.take([a_delivery(an_envelope(registered("en"), subject=CITIZEN))])
    accepted = RequestAccepted.model_validate({**OF_DEPARTMENT, "citizen_id": HIDDEN})
    batch = [a_delivery(an_envelope(submitted(HIDDEN))), a_delivery(an_envelope(accepted))]
    assert await world.notifier.take(batch) == [DONE, DONE]
    world.clock.advance(seconds=6)
    await world.courier.round()
    assert {(n.citizen_id, n.state) for n in world.notifications.all()} == {(CITIZEN, DeliveryState.DELIVERED)}
    assert len(world.words()) == 2


async def test_filing_before_the_registration_is_sent_after_it(
    world: World,
) -> None:
    """The courier writes a message that waited for its contact, and must find the same citizen."""
    assert await world.notifier.take([a_delivery(an_envelope(submitted(HIDDEN)))]) == [DONE]
    await world.citizens.take([a_delivery(an_envelope(registered("en"), subject=CITIZEN))])
    assert await world.courier.round() == 1
    [told] = world.notifications.all()
    assert (told.citizen_id, told.template, told.state) == (
        CITIZEN,
        "request.submitted.verifying",
        DeliveryState.DELIVERED,
    )
    assert NUMBER in world.words()[0]
    assert "follow" not in world.words()[0]


async def test_an_event_whose_citizen_cannot_be_unsealed_is_put_aside(world: World) -> None:
    forged = CONFIDENTIAL + KEYS.seal(CITIZEN, SealPurpose.CITIZEN_MOBILE, owner=NUMBER)
    [outcome] = await world.notifier.take([a_delivery(an_envelope(submitted(forged)))])
    assert outcome.verdict != "done"
    assert world.notifications.all() == []


async def test_an_anonymous_request_causes_no_message_and_is_settled(world: World) -> None:
    assert await world.notifier.take([a_delivery(an_envelope(submitted(NOBODY)))]) == [DONE]
    [made] = world.notifications.all()
    assert (made.state, made.to, made.words, made.due_at, made.event) == (DeliveryState.NOBODY, None, None, None, None)
    assert await world.courier.round() == 0
    asked = DeliveryQuestion.model_validate(
        {"source": "requests", "stream": "request@requests", "records": {NUMBER: (0, ["request.submitted.v1"])}}
    )
    assert await world.notifier.seen(asked) == {NUMBER: 1}
