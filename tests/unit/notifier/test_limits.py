"""Nobody can cause hundreds of SMS a day; required messages are still sent."""

from services.notifier.channels.provider import DeliveryResult
from services.notifier.models.message import EMAIL, SMS
from services.notifier.models.notification import DeliveryState, Notification
from services.notifier.sending.limits import MAX_A_DAY, SECONDS, SmsLimits
from shared.events import RequestFollowed, RequestQuestioned
from tests.builders import CITIZEN, a_delivery, an_envelope
from tests.fakes import START
from tests.unit.notifier.memory import Recording, World
from tests.unit.notifier.samples import code, free, registered


def a_message(template: str = "request.followed", channel: str = SMS) -> Notification:
    """A message to always the same person."""
    return Notification(
        id="requests/A/1:sms",
        citizen_id=CITIZEN,
        subject="A",
        template=template,
        channel=channel,
        created_at=START,
    )


def test_each_day_allows_the_same_number_of_sms() -> None:
    now = 0.0
    ceilings = SmsLimits(lambda: now)
    assert [ceilings.is_reached(a_message()) for _ in range(MAX_A_DAY + 2)] == [False] * MAX_A_DAY + [True] * 2
    now += SECONDS / MAX_A_DAY
    assert [ceilings.is_reached(a_message()) for _ in range(2)] == [False, True]
    now += 10 * SECONDS
    assert sum(not ceilings.is_reached(a_message()) for _ in range(3 * MAX_A_DAY)) == MAX_A_DAY


def test_each_kind_has_its_own_limit() -> None:
    ceilings = SmsLimits(lambda: 0.0)
    for template in ("request.followed", "request.accepted", "citizen.corrected"):
        assert sum(not ceilings.is_reached(a_message(template)) for _ in range(2 * MAX_A_DAY)) == MAX_A_DAY


def test_emails_codes_decisions_and_account_notices_are_not_limited() -> None:
    ceilings = SmsLimits(lambda: 0.0)
    templates = ("request.questioned", "citizen.code_issued", "citizen.password_changed", "citizen.device_seen")
    others = [*map(a_message, templates), a_message(channel=EMAIL)]
    assert not any(ceilings.is_reached(one) for _ in range(2 * MAX_A_DAY) for one in others)


async def test_the_limit_does_not_stop_codes_and_questions() -> None:
    provider = Recording(at_once=False)
    provider.result = DeliveryResult(DeliveryState.SENDING, "1")
    world = World(provider)
    await world.citizens.take([a_delivery(an_envelope(registered(), 1, subject=CITIZEN))])
    followed = RequestFollowed(citizen_id=CITIZEN)
    await world.notifier.take([a_delivery(an_envelope(followed, seq)) for seq in range(1, 201)])
    while await world.courier.round():
        pass
    assert len(provider.sent) == MAX_A_DAY
    assert len(world.words()) == 200
    await world.notifier.take([a_delivery(an_envelope(free(RequestQuestioned, "question", "Where is it?"), 201))])
    await world.citizens.take([a_delivery(an_envelope(code(), 2, subject=CITIZEN))])
    await world.courier.round()
    assert len(provider.sent) == MAX_A_DAY + 2
