"""Later reports of providers: applied to the right message, once, and never lost or overwritten."""

from typing import Any, cast

import pytest

from services.notifier.channels.provider import DeliveryResult, Report
from services.notifier.contacts import Contacts
from services.notifier.models.contact import STAFF, Contact
from services.notifier.models.message import EMAIL, SMS
from services.notifier.models.notification import DeliveryState, Notification
from services.notifier.models.officer import StaffContact
from services.notifier.sending.reports import MAILBOX, ReportSource
from services.notifier.writing.composing import reference_of
from shared.events import CitizenCorrected, NotificationCodeDelivered, RequestAccepted
from shared.seal import SealPurpose
from tests.builders import CITIZEN, KEYS, NUMBER, a_delivery, an_envelope
from tests.fakes import FakeClock
from tests.unit.notifier.memory import World
from tests.unit.notifier.office import MemoryStaff
from tests.unit.notifier.samples import OF_DEPARTMENT, code
from tests.unit.notifier.sent import a_code_by_email, world_with

GATEWAY = ReportSource(SMS, SMS)
ANOTHER = ReportSource("sms-backup", SMS)
ADDRESSES = {"email": "s.khan@roads.example.gov.pk", "mobile": "+923001234567"}


def accepted() -> RequestAccepted:
    """A department accepted a request: a message that does not wait for another."""
    return RequestAccepted.model_validate(OF_DEPARTMENT)


def one(world: World) -> Notification:
    """The only message."""
    [made] = world.notifications.all()
    return made


def report_of(world: World, state: DeliveryState, *, theirs: bool = False, bad_address: bool = False) -> Report:
    """Apply a report with our reference, or the provider's."""
    return Report(
        None if theirs else reference_of(one(world).id, KEYS), "SM1" if theirs else None, state, bad_address=bad_address
    )


async def contact(world: World) -> Contact:
    """The citizen's contact."""
    found = await world.contacts.get(CITIZEN)
    assert found is not None
    return found


async def codes_told(world: World) -> list[int]:
    """The codes whose delivery was published."""
    events = (await contact(world)).stored["events"]
    return [NotificationCodeDelivered.model_validate_json(entry["data"]).code_seq for entry in events]


@pytest.mark.parametrize("theirs", [False, True])
async def test_repeated_receipt_marks_delivered_once(theirs: bool) -> None:
    world, _ = await world_with(accepted(), NUMBER)
    await world.courier.round()
    assert one(world).state is DeliveryState.SENDING
    for _ in range(3):
        assert await world.reports.take(GATEWAY, [report_of(world, DeliveryState.DELIVERED, theirs=theirs)]) == []
        assert (one(world).state, one(world).delivered_at) == (DeliveryState.DELIVERED, world.clock())


async def test_late_report_changes_no_final_state() -> None:
    world, _ = await world_with(accepted(), NUMBER)
    await world.courier.round()
    for state in (
        DeliveryState.DELIVERED,
        DeliveryState.SENDING,
        DeliveryState.TEMPORARY_FAILURE,
        DeliveryState.PERMANENT_FAILURE,
    ):
        await world.reports.take(GATEWAY, [report_of(world, state)])
        assert one(world).state is DeliveryState.DELIVERED


async def test_a_receipt_publishes_the_delivery_of_a_code_once() -> None:
    world, _ = await world_with(code(), CITIZEN)
    await world.courier.round()
    assert await codes_told(world) == []
    for _ in range(2):
        await world.reports.take(GATEWAY, [report_of(world, DeliveryState.DELIVERED)])
        assert await codes_told(world) == [2]


@pytest.mark.parametrize("state", [DeliveryState.DELIVERED, DeliveryState.PERMANENT_FAILURE])
async def test_receipt_before_the_answer_is_not_overwritten(state: DeliveryState) -> None:
    world, provider = await world_with(accepted(), NUMBER)
    provider.meanwhile = state
    await world.courier.round()
    failed = state is DeliveryState.PERMANENT_FAILURE
    assert (one(world).state, one(world).channel) == ((DeliveryState.SENDING, EMAIL) if failed else (state, SMS))
    assert (one(world).claim, one(world).calling) == (None, None)
    world.clock.advance(seconds=3600)
    await world.courier.round()
    assert len(provider.sent) == 1, "by SMS it is sent once"


async def test_message_with_an_early_receipt_is_still_asked_about() -> None:
    world, provider = await world_with(accepted(), NUMBER)
    provider.meanwhile, provider.asks_by = DeliveryState.SENDING, "ours"
    provider.asked[reference_of(one(world).id, KEYS)] = DeliveryResult(DeliveryState.DELIVERED)
    await world.courier.round()
    assert one(world).state is DeliveryState.SENDING
    world.clock.advance(seconds=360)
    await world.courier.round()
    assert (one(world).state, len(provider.sent)) == (DeliveryState.DELIVERED, 1)


async def test_report_of_another_provider_is_ignored() -> None:
    world, _ = await world_with(accepted(), NUMBER)
    await world.courier.round()
    assert await world.reports.take(ANOTHER, [report_of(world, DeliveryState.PERMANENT_FAILURE, theirs=True)]) != []
    await world.reports.take(ANOTHER, [report_of(world, DeliveryState.PERMANENT_FAILURE)])
    await world.reports.take(MAILBOX, [report_of(world, DeliveryState.PERMANENT_FAILURE)])
    assert one(world).state is DeliveryState.SENDING


async def test_bad_address_is_avoided_until_a_message_arrives_there() -> None:
    world, _ = await world_with(accepted(), NUMBER)
    await world.courier.round()
    await world.reports.take(GATEWAY, [report_of(world, DeliveryState.PERMANENT_FAILURE, bad_address=True)])
    assert (await contact(world)).failing == {SMS: world.clock()}
    await world.notifier.take([a_delivery(an_envelope(accepted(), 3, subject=NUMBER))])
    assert [n.channel for n in world.notifications.all()] == [EMAIL, EMAIL], "the one that failed goes there too"
    await world.citizens.take([a_delivery(an_envelope(code(), 2, subject=CITIZEN))])
    await world.courier.round()
    [by_sms] = [n for n in world.notifications.all() if n.channel == SMS]
    await world.reports.take(GATEWAY, [Report(by_sms.ours, None, DeliveryState.DELIVERED)])
    assert (await contact(world)).failing == {}


async def test_a_refused_message_does_not_mark_the_address_bad() -> None:
    world, _ = await world_with(accepted(), NUMBER)
    await world.courier.round()
    await world.reports.take(GATEWAY, [report_of(world, DeliveryState.PERMANENT_FAILURE)])
    assert (await contact(world)).failing == {}


async def change_email(world: World, seq: int) -> None:
    """The citizen gives another email."""
    new, old = (KEYS.seal(f"{name}@example.org", SealPurpose.CITIZEN_EMAIL, owner=CITIZEN) for name in ("new", "old"))
    event = CitizenCorrected(email=new, old_email=old)
    await world.citizens.take([a_delivery(an_envelope(event, seq, subject=CITIZEN))])


async def test_new_address_is_not_bad() -> None:
    world, _ = await world_with(code(), CITIZEN)
    _, bounced = await a_code_by_email(world)
    report = Report(bounced.ours, None, DeliveryState.PERMANENT_FAILURE, bad_address=True)
    await world.reports.take(MAILBOX, [report])
    assert (await contact(world)).failing.keys() == {EMAIL}
    await change_email(world, 4)
    assert (await contact(world)).failing == {}
    await change_email(world, 5)
    notices = [n for n in world.notifications.all() if n.template == "citizen.corrected"]
    by_email = [n.state for n in notices if n.id.endswith(":email")]
    assert by_email == [DeliveryState.NOBODY, DeliveryState.CREATED], "the notice of the change spares the bad address"


async def test_report_about_a_former_address_does_not_mark_the_new_one() -> None:
    world, _ = await world_with(code(), CITIZEN)
    _, bounced = await a_code_by_email(world)
    await change_email(world, 4)
    await world.reports.take(MAILBOX, [Report(bounced.ours, None, DeliveryState.PERMANENT_FAILURE, bad_address=True)])
    assert (await contact(world)).failing == {}


async def test_racing_replicas_end_in_the_same_state() -> None:
    world, _ = await world_with(accepted(), NUMBER)
    await world.courier.round()
    read = one(world)
    await world.reports.take(GATEWAY, [report_of(world, DeliveryState.DELIVERED)])
    stale = Notification.of(read.document())
    stale.state = DeliveryState.TEMPORARY_FAILURE
    assert not await world.notifications.replace(read, stale)
    assert one(world).state is DeliveryState.DELIVERED


async def test_staff_messages_avoid_a_bad_address() -> None:
    clock, staff = FakeClock(), MemoryStaff(StaffContact)
    mobile, email = (
        KEYS.seal(ADDRESSES[name], SealPurpose(f"citizen.{name}"), owner=f"{STAFF}one") for name in ("mobile", "email")
    )
    await staff.save_many([StaffContact(id="one", mobile=mobile, email=email)])
    store: Any = World(None).contacts
    contacts = Contacts(store, KEYS, clock, cast(Any, staff))
    bounced = Notification(
        id="work/one:email",
        citizen_id=f"{STAFF}one",
        subject="one",
        template="work.digest",
        channel=EMAIL,
        created_at=clock(),
        to=email,
    )

    async def member() -> StaffContact:
        return (await staff.load_many(["one"]))["one"]

    assert (await member()).channel == EMAIL
    await contacts.address_failed(bounced)
    assert ((await member()).channel, (await member()).failing) == (SMS, {EMAIL: clock()})
    given = await member()
    given.ask(EMAIL, KEYS.seal("new@example.org", SealPurpose.CITIZEN_EMAIL, owner=f"{STAFF}one"), "hash", clock())
    assert given.prove("hash", clock())
    assert (given.channel, given.failing) == (EMAIL, {})
