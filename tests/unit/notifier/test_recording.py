"""Recording events: each makes its messages once, in any order and number."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from services.notifier.channels.providers import providers_of
from services.notifier.models.notification import DeliveryState
from services.notifier.settings import NotifierSettings
from services.notifier.writing.composing import address_of
from shared.bus import DONE, Delivery
from shared.envelope import FORGOTTEN
from shared.events import (
    CitizenCorrected,
    CitizenDeviceSeen,
    CitizenMobileChanged,
    CitizenMobileProven,
    CitizenMobileUnproven,
    CitizenPasswordChanged,
    CitizenVerified,
    Event,
    RequestAccepted,
    RequestAnonymised,
    RequestAnswered,
    RequestConfirmed,
    RequestProgressed,
    RequestSubmitted,
)
from shared.seal import SealPurpose
from shared.settlement import DeliveryQuestion
from tests.builders import CITIZEN, KEYS, NUMBER, a_delivery, an_envelope
from tests.fakes import START, AwayError
from tests.unit.notifier.memory import Recording, World
from tests.unit.notifier.samples import EVENTS, MOBILE, OF_DEPARTMENT, code, filed, free, registered

SUBMITTED = filed(RequestSubmitted, "complaint", "information_needed")
ACCEPTED = RequestAccepted.model_validate(OF_DEPARTMENT)


@pytest.fixture
def world() -> World:
    """A notifier whose channel delivers by recording."""
    return World(Recording(), Recording())


async def known(world: World, language: str = "en") -> None:
    """Process the citizen's registration."""
    assert await world.citizens.take([a_delivery(an_envelope(registered(language), subject=CITIZEN))]) == [DONE]


async def test_a_message_is_recorded_and_delivered_in_one_write(world: World) -> None:
    await known(world)
    assert await world.notifier.take([a_delivery(an_envelope(SUBMITTED))]) == [DONE]
    (made,) = world.notifications.all()
    assert made.id == f"requests/{NUMBER}/1:sms"
    assert made.state is DeliveryState.DELIVERED
    assert made.attempts == [{"at": world.clock(), "channel": "sms", "state": "delivered"}]
    assert made.due_at is None
    assert world.notifications.writes == 1


async def test_personal_values_are_sealed(world: World) -> None:
    await known(world)
    await world.notifier.take([a_delivery(an_envelope(free(RequestProgressed, "note", "The lamp of Amina")))])
    await world.citizens.take([a_delivery(an_envelope(code(), 2, subject=CITIZEN))])
    stored = str(world.notifications.documents) + str(world.contacts.documents)
    for secret in ("Amina", "482913", MOBILE, MOBILE[-7:], "a@example.org"):
        assert secret not in stored
    assert any("The lamp of Amina" in words for words in world.words())


async def test_repeated_events_change_nothing(world: World) -> None:
    await known(world)
    batch = [a_delivery(an_envelope(SUBMITTED)), a_delivery(an_envelope(ACCEPTED)), a_delivery(an_envelope(SUBMITTED))]
    first = await world.notifier.take(batch)
    before = dict(world.notifications.documents)
    world.clock.advance(minutes=1)
    assert first == await world.notifier.take(batch) == [DONE] * 3
    assert world.notifications.documents == before
    assert len(before) == 2


async def test_events_in_any_order_and_number_make_each_message_once(world: World) -> None:
    await known(world)
    sealed = [KEYS.key_id in event.model_dump_json() for event in EVENTS]  # their texts belong to one request
    subjects = [NUMBER if words else f"{place}" for place, words in enumerate(sealed)]
    envelopes = [an_envelope(event, seq, subject=subjects[seq - 1]) for seq, event in enumerate(EVENTS, 1)]
    of_requests = [envelope for envelope in envelopes if envelope.type.startswith("request.")]
    deliveries = [a_delivery(envelope) for envelope in of_requests * 3]
    random.Random(7).shuffle(deliveries)
    for start in range(0, len(deliveries), 10):
        await world.notifier.take(deliveries[start : start + 10])
    world.clock.advance(seconds=6)
    await world.courier.round()
    assert len(world.notifications.documents) == len(of_requests)
    assert {n.state for n in world.notifications.all()} == {DeliveryState.DELIVERED}


async def test_contacts_are_looked_up_once_for_many(world: World) -> None:
    await known(world)
    for start in range(3):
        batch = [a_delivery(an_envelope(SUBMITTED, subject=f"RB-{start}-{place}")) for place in range(200)]
        await world.notifier.take(batch)
    assert world.contacts.looked_up == 1
    assert world.notifications.writes == 3


async def test_a_code_finds_its_registration_in_the_same_batch(world: World) -> None:
    batch = [
        a_delivery(an_envelope(registered("ur"), 1, subject=CITIZEN)),
        a_delivery(an_envelope(code(), 2, subject=CITIZEN)),
        a_delivery(an_envelope(CitizenVerified(), 3, subject=CITIZEN)),
    ]
    assert await world.citizens.take(batch) == [DONE] * 3
    (made,) = world.notifications.all()
    assert (made.state, made.language) == (DeliveryState.DELIVERED, "ur")
    assert world.words()[0].startswith("482913")
    contact = await world.contacts.get(CITIZEN)
    assert contact is not None
    assert contact.verified


async def test_an_expired_code_has_no_text(world: World) -> None:
    await known(world)
    await world.citizens.take([a_delivery(an_envelope(code(minutes=-1), 2, subject=CITIZEN))])
    (made,) = world.notifications.all()
    assert made.state is DeliveryState.EXPIRED
    assert made.words is None
    assert made.event is None
    assert made.attempts == []


def progressed(note: str) -> RequestProgressed:
    """An event with a department's note."""
    return RequestProgressed.model_validate({**OF_DEPARTMENT, "note": note})


async def test_an_outage_is_raised_to_the_consumer(world: World) -> None:
    await known(world)
    world.notifications.away = True
    with pytest.raises(AwayError):
        await world.notifier.take([a_delivery(an_envelope(SUBMITTED))])


async def test_seen_reports_what_is_recorded(world: World) -> None:
    await known(world)
    types = [SUBMITTED.type, RequestAnswered.type, RequestConfirmed.type]
    asked = DeliveryQuestion(
        source="requests", stream="request@requests", records={NUMBER: (0, types), "RB-0": (4, [SUBMITTED.type])}
    )
    assert await world.notifier.seen(asked) == {NUMBER: 0, "RB-0": 4}
    await world.notifier.take([a_delivery(an_envelope(RequestConfirmed(citizen_id=CITIZEN), 3))])
    assert (await world.notifier.seen(asked))[NUMBER] == 0
    await world.notifier.take([a_delivery(an_envelope(SUBMITTED, 1))])
    assert (await world.notifier.seen(asked))[NUMBER] == 3
    await world.notifier.take([a_delivery(an_envelope(SUBMITTED, 5, subject="RB-0"))])
    assert await world.notifier.seen(asked) == {NUMBER: 3, "RB-0": 5}


async def test_seen_is_the_lesser_of_contact_and_messages(world: World) -> None:
    types = ["citizen.registered.v1", code().type, "citizen.verified.v1"]
    asked = DeliveryQuestion(source="identity", stream="citizen", records={CITIZEN: (0, types)})
    await world.citizens.take([a_delivery(an_envelope(code(), 2, subject=CITIZEN))])
    assert await world.citizens.seen(asked) == {CITIZEN: 0}
    await known(world)
    assert await world.citizens.seen(asked) == {CITIZEN: 2}
    world.notifications.documents.clear()
    assert await world.citizens.seen(asked) == {CITIZEN: 1}


def test_production_needs_a_provider() -> None:
    key = {"data_key": "x", "index_key": "y"}
    production = NotifierSettings.model_validate({"env": "production", **key})
    with pytest.raises(ValueError, match="RABTA_SMS_GATEWAY or RABTA_EMAIL_SERVER"):
        providers_of(production)
    assert providers_of(NotifierSettings.model_validate({"env": "demo", **key})).keys() == {"sms", "email"}


async def test_without_a_channel_messages_are_recorded_and_do_not_wait() -> None:
    world = World(None)
    await known(world)
    await world.notifier.take([a_delivery(an_envelope(SUBMITTED))])
    (made,) = world.notifications.all()
    assert (made.state, made.due_at) == (DeliveryState.CREATED, None)
    assert KEYS.unseal(made.words or "", SealPurpose.NOTIFICATION_WORDS, owner=made.citizen_id)


async def test_messages_of_an_anonymised_request_are_emptied(world: World) -> None:
    await known(world)
    note = free(RequestProgressed, "note", "The lamp of Amina")
    await world.notifier.take([a_delivery(an_envelope(note, 1)), a_delivery(an_envelope(SUBMITTED, 2))])
    gone = RequestAnonymised(citizen_id="erased:1", reason="erasure")
    for _ in range(2):
        assert await world.notifier.take([a_delivery(an_envelope(gone, 3))]) == [DONE]
    made = world.notifications.all()
    assert {(n.citizen_id, n.words, n.to, n.event, n.due_at) for n in made} == {("erased:1", None, None, None, None)}
    assert [n.state for n in made] == [DeliveryState.DELIVERED, DeliveryState.DELIVERED, DeliveryState.CANCELLED]
    asked = DeliveryQuestion(source="requests", stream="request@requests", records={NUMBER: (2, [gone.type])})
    assert await world.notifier.seen(asked) == {NUMBER: 3}


async def test_waiting_message_is_not_sent_after_erasure(world: World) -> None:
    await world.notifier.take([a_delivery(an_envelope(SUBMITTED))])  # its citizen is not known yet, so it waits
    await world.notifier.take([a_delivery(an_envelope(RequestAnonymised(citizen_id="erased:1", reason="erasure"), 2))])
    await known(world)
    world.clock.advance(minutes=10)
    assert await world.courier.round() == 0
    assert world.words() == []


async def test_a_forgotten_event_makes_no_message(world: World) -> None:
    await known(world)
    assert await world.notifier.take([a_delivery(replace(an_envelope(SUBMITTED), data=FORGOTTEN))]) == [DONE]
    assert world.notifications.all() == []


@pytest.mark.parametrize(
    ("delivery", "error"),
    [
        (a_delivery(b"{}"), "MalformedEnvelopeError"),
        (a_delivery(b"{not json", headers=an_envelope(SUBMITTED).headers()), "MalformedEnvelopeError"),
        (a_delivery(b"{}", headers=an_envelope(SUBMITTED).headers()), "MalformedEnvelopeError"),
        (a_delivery(an_envelope(RequestAnswered(citizen_id=CITIZEN))), "MalformedEnvelopeError"),
        (a_delivery(an_envelope(progressed("open"))), "SealBrokenError"),
        (
            a_delivery(an_envelope(progressed(KEYS.seal("x", SealPurpose.REQUEST_NOTE, owner="RB-0000-0000-0")))),
            "SealBrokenError",
        ),
    ],
    ids=["no headers", "no json", "no contract", "no handler", "not sealed", "of another request"],
)
async def test_a_malformed_event_is_put_aside_and_others_are_not_affected(
    world: World, delivery: Delivery, error: str
) -> None:
    await known(world)
    outcomes = await world.notifier.take(
        [a_delivery(an_envelope(SUBMITTED)), delivery, a_delivery(an_envelope(ACCEPTED))]
    )
    assert [outcome.verdict for outcome in outcomes] == ["done", "dead", "done"]
    assert outcomes[1].error == error
    assert len(world.notifications.documents) == 2


async def test_an_event_with_a_broken_mobile_is_put_aside(world: World) -> None:
    for mobile in ("open", registered(of="citizen-2").mobile):
        broken = registered().model_copy(update={"mobile": mobile})
        outcomes = await world.citizens.take([a_delivery(an_envelope(broken, subject=CITIZEN))])
        assert outcomes[0].verdict == "dead"


async def unproven(world: World) -> None:
    """Process an account that was opened with a code by email."""
    unproven_event = CitizenMobileUnproven(mobile=KEYS.seal(MOBILE, SealPurpose.CITIZEN_MOBILE, owner=CITIZEN))
    for seq, event in enumerate((registered(), CitizenVerified(), unproven_event), 1):
        assert await world.citizens.take([a_delivery(an_envelope(event, seq, subject=CITIZEN))]) == [DONE]


async def test_an_unproven_mobile_gets_only_the_message_about_itself(world: World) -> None:
    await unproven(world)
    await world.notifier.take([a_delivery(an_envelope(SUBMITTED))])
    assert [(made.template, made.channel) for made in world.notifications.all()] == [
        ("citizen.mobile_unproven", "sms"),
        ("request.submitted.information_needed", "email"),
    ]
    assert [address_of(made, KEYS) for made in world.notifications.all()] == [MOBILE, "a@example.org"]
    assert world.notifications.all()[1].id == f"requests/{NUMBER}/1:sms"  # so that settlement finds it


def sealed(name: str, value: str) -> str:
    """A sealed value of the citizen."""
    return KEYS.seal(value, SealPurpose(f"citizen.{name}"), owner=CITIZEN)


@pytest.mark.parametrize(
    ("event", "told"),
    [
        (CitizenPasswordChanged(how="reset"), {"sms": MOBILE, "email": "a@example.org"}),
        (CitizenCorrected(language="ur"), {"sms": MOBILE, "email": "a@example.org"}),
        (
            CitizenCorrected(email=sealed("email", "thief@example.org"), old_email=sealed("email", "a@example.org")),
            {"sms": MOBILE, "email": "a@example.org"},
        ),
        (
            CitizenMobileChanged(
                mobile=sealed("mobile", "+923011234567"),
                old_mobile=sealed("mobile", MOBILE),
                undo=sealed("undo", "7KQM2XWP94RT"),
                undo_until=START + timedelta(days=1),
            ),
            {"sms": MOBILE, "email": "a@example.org"},
        ),
        (CitizenDeviceSeen(channel="sms"), {"email": "a@example.org"}),
        (CitizenDeviceSeen(channel="email"), {"sms": MOBILE}),
    ],
)
async def test_account_changes_are_reported_on_every_channel(world: World, event: Event, told: dict[str, str]) -> None:
    """A person who has the phone or the mailbox cannot hide it; the old number or address is told too."""
    await known(world)
    assert await world.citizens.take([a_delivery(an_envelope(event, 2, subject=CITIZEN))]) == [DONE]
    assert {made.channel: address_of(made, KEYS) for made in world.notifications.all()} == told


async def test_without_an_address_a_channel_sends_nothing(world: World) -> None:
    nowhere = registered().model_copy(update={"email": sealed("email", "")})
    await world.citizens.take([a_delivery(an_envelope(nowhere, subject=CITIZEN))])
    await world.citizens.take([a_delivery(an_envelope(CitizenPasswordChanged(how="reset"), 2, subject=CITIZEN))])
    assert [(made.channel, made.state) for made in world.notifications.all()] == [
        ("sms", DeliveryState.DELIVERED),
        ("email", DeliveryState.NOBODY),
    ]


async def test_an_account_with_an_unproven_mobile_gets_one_email(world: World) -> None:
    await unproven(world)
    await world.citizens.take([a_delivery(an_envelope(CitizenPasswordChanged(how="reset"), 4, subject=CITIZEN))])
    made = [one for one in world.notifications.all() if one.template == "citizen.password_reset"]
    assert [(one.channel, one.state) for one in made] == [
        ("sms", DeliveryState.NOBODY),
        ("email", DeliveryState.DELIVERED),
    ]


async def test_a_mobile_proven_later_gets_messages(world: World) -> None:
    await unproven(world)
    proven = CitizenMobileProven(mobile=KEYS.seal("+923011234567", SealPurpose.CITIZEN_MOBILE, owner=CITIZEN))
    await world.citizens.take([a_delivery(an_envelope(proven, 4, subject=CITIZEN))])
    await world.notifier.take([a_delivery(an_envelope(SUBMITTED))])
    [_, told, made] = world.notifications.all()
    assert (told.template, told.channel) == ("citizen.mobile_proven", "email")
    assert (made.channel, address_of(made, KEYS)) == ("sms", "+923011234567")


async def test_a_message_that_waited_for_its_contact_goes_by_email_too(world: World) -> None:
    await world.notifier.take([a_delivery(an_envelope(SUBMITTED))])
    await unproven(world)
    world.clock.advance(minutes=1)
    await world.courier.round()
    [made] = [made for made in world.notifications.all() if made.template.startswith("request.")]
    assert (made.channel, address_of(made, KEYS)) == ("email", "a@example.org")
