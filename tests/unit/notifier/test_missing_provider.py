"""A channel without a provider: its messages use the other one, if there is an address."""

from services.notifier.channels.provider import DeliveryResult
from services.notifier.models.message import EMAIL, SMS
from services.notifier.models.notification import DeliveryState
from services.notifier.models.preferences import Preferences
from shared.events import RequestAccepted
from shared.seal import SealPurpose
from tests.builders import CITIZEN, KEYS, a_delivery, an_envelope
from tests.unit.notifier.memory import Recording, World
from tests.unit.notifier.samples import OF_DEPARTMENT, code, registered

ACCEPTED = RequestAccepted.model_validate(OF_DEPARTMENT)
BY_EMAIL = Preferences(channels={"progress": EMAIL})


def taking(channel: str) -> Recording:
    """A provider that accepts everything."""
    provider = Recording(at_once=False, name=channel, channel=channel)
    provider.result = DeliveryResult(DeliveryState.SENDING, "1")
    return provider


async def hear(world: World, preferences: Preferences = BY_EMAIL, email: str = "a@example.org") -> None:
    """Process a step and a code for a citizen with these preferences."""
    await world.citizens.take([a_delivery(an_envelope(registered(), 1, subject=CITIZEN))])
    contact = await world.contacts.get(CITIZEN)
    assert contact is not None
    contact.preferences, contact.email = (
        preferences.document(),
        KEYS.seal(email, SealPurpose.CITIZEN_EMAIL, owner=CITIZEN),
    )
    await world.contacts.save_many([contact])
    world.known.changed([CITIZEN])
    await world.notifier.take([a_delivery(an_envelope(ACCEPTED))])
    await world.courier.round()


async def test_without_a_mail_server_messages_go_by_sms() -> None:
    sms = taking(SMS)
    await hear(World(sms))
    assert [to for _, to, _ in sms.sent] == ["+923001234567"]


async def test_without_an_sms_gateway_messages_go_by_email() -> None:
    email = taking(EMAIL)
    await hear(World(None, email), Preferences())
    assert [to for _, to, _ in email.sent] == ["a@example.org"]


async def test_a_code_stays_on_its_channel() -> None:
    email = taking(EMAIL)
    world = World(None, email)
    await hear(world, Preferences())
    await world.citizens.take([a_delivery(an_envelope(code(), 2, subject=CITIZEN))])
    await world.courier.round()
    assert len(email.sent) == 1, "only the step"


async def test_without_another_address_a_message_appears_on_the_portal_only() -> None:
    world = World(None, taking(EMAIL))
    await hear(world, Preferences(), email="")
    (made,) = world.notifications.all()
    assert (made.state, made.due_at) == (DeliveryState.CREATED, None)
    assert world.words()
