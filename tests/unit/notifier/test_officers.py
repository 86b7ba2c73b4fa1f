"""Messages about work: as often as the member chooses, each item once."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from services.notifier.channels.provider import DeliveryResult
from services.notifier.models.hours import WorkingHours
from services.notifier.models.notification import DeliveryState
from services.notifier.models.officer import MAX_TRIES, Frequency
from shared.auth import Principal
from shared.bus import Delivery, Outcome
from shared.errors import InvalidError, TooManyRequestsError
from shared.mongo.resealing import owners_in
from shared.rights import Role
from shared.seal import SealPurpose
from tests.builders import KEYS
from tests.unit.notifier.memory import Recording
from tests.unit.notifier.office import (
    HOURS,
    MORNING,
    Office,
    asked_for_a_part,
    assigned,
    escalated,
    late,
    mentioned,
    recused,
    reopened,
    resumed,
    routed,
    webhook_stopped,
)

NEW = "New: RB-0000-0001-X, Street light is out, due by 20 March 2026."
OPEN_AGAIN = "RB-0000-0001-X is open again and needs your own decision by 9 March 2026."


def pakistan(text: str) -> datetime:
    """A time in March 2026 in Pakistan."""
    return datetime.fromisoformat(f"2026-03-{text}+05:00")


@pytest.mark.parametrize(
    ("often", "now", "last"),
    [
        (Frequency.AT_ONCE, "02T14:03:00", "02T14:00:00"),
        (Frequency.AT_ONCE, "02T17:59:59", "02T17:55:00"),
        (Frequency.AT_ONCE, "02T21:30:00", "02T18:00:00"),
        (Frequency.AT_ONCE, "03T07:59:59", "02T18:00:00"),
        (Frequency.AT_ONCE, "08T12:00:00", "07T18:00:00"),
        (Frequency.HOURLY, "02T14:59:00", "02T14:00:00"),
        (Frequency.HOURLY, "03T03:00:00", "02T18:00:00"),
        (Frequency.DAILY, "02T08:00:00", "02T08:00:00"),
        (Frequency.DAILY, "03T07:00:00", "02T08:00:00"),
        (Frequency.DAILY, "08T12:00:00", "07T08:00:00"),
    ],
)
def test_digests_are_sent_in_working_hours_only(often: Frequency, now: str, last: str) -> None:
    assert HOURS.last(often, pakistan(now)) == pakistan(last)


@pytest.mark.parametrize(
    ("hours", "days"),
    [("8-18", "mon"), ("18:00-08:00", "mon"), ("08:00-24:30", "mon"), ("08:00-18:00", ""), ("08:00-18:00", "monday")],
)
def test_invalid_working_hours_are_refused(hours: str, days: str) -> None:
    with pytest.raises(ValueError, match="RABTA_WORK_HOURS"):
        WorkingHours.of(hours, days, 300)


async def test_work_of_a_day_is_one_message_in_the_morning() -> None:
    office = Office()
    await office.member()
    await office.digests.sweep()
    await office.happened(*(routed(n, due=f"2026-03-{20 - n:02}T12:00:00+05:00") for n in range(1, 13)), resumed(1))
    assert await office.at(pakistan("02T18:00:00")) == []
    assert await office.at(MORNING) == [
        "12 new requests, the first due by 8 March 2026. The citizen has answered in RB-0000-0001-X."
    ]
    assert await office.at(MORNING + timedelta(hours=1)) == []


async def test_a_repeated_event_counts_once() -> None:
    office = Office()
    await office.member(new_work="hourly")
    await office.digests.sweep()
    await office.happened(routed(1), routed(1))
    await office.happened(routed(1), routed(2))
    assert await office.at(pakistan("02T15:01:00")) == ["2 new requests, the first due by 20 March 2026."]
    await office.happened(routed(2))
    assert await office.at(pakistan("02T16:01:00")) == []


async def test_each_member_gets_the_kinds_of_their_role_as_often_as_chosen() -> None:
    office = Office()
    await office.member("head-1", "head", new_work="off")
    await office.member("officer-1", new_work="at_once", answers="off")
    await office.digests.sweep()
    office.clock.advance(minutes=2)
    await office.happened(routed(1), reopened(1), resumed(2))
    assert await office.at(pakistan("02T14:04:00")) == []
    assert sorted(await office.at(pakistan("02T14:06:00"))) == sorted([NEW, OPEN_AGAIN])
    assert await office.at(MORNING) == ["The citizen has answered in RB-0000-0002-X."]


async def test_only_the_officer_concerned_hears_of_an_assignment_and_a_mention() -> None:
    office = Office()
    await office.member("officer-1")
    await office.member("officer-2")
    await office.digests.sweep()
    office.clock.advance(minutes=2)
    await office.happened(assigned(1, "officer-1"), assigned(2, "officer-2", by="officer-2"), mentioned(3, "officer-1"))
    assert await office.at(pakistan("02T14:06:00")) == [
        "RB-0000-0001-X was assigned to you. A colleague mentions you in a note on RB-0000-0003-X."
    ]


async def test_an_officer_with_an_interest_hears_nothing_of_the_request() -> None:
    office = Office()
    for account in ("officer-1", "officer-2"):
        await office.member(account, new_work="at_once")
    await office.digests.sweep()
    office.clock.advance(minutes=2)
    await office.happened(routed(1), assigned(1, "officer-1"), routed(2), recused(1, "officer-1"))
    told = await office.at(pakistan("02T14:06:00"))
    assert sorted(told) == sorted(["2 new requests, the first due by 20 March 2026.", NEW.replace("0001", "0002")])
    office.clock.advance(minutes=2)
    await office.happened(late(1))
    assert len(await office.at(pakistan("02T14:12:00"))) == 1
    assert office.told()[-1].citizen_id == "staff:officer-2"


async def test_the_department_that_is_asked_for_a_part_hears_of_it() -> None:
    office = Office()
    await office.member("officer-1", parts="at_once")
    await office.digests.sweep()
    office.clock.advance(minutes=2)
    await office.happened(asked_for_a_part(1, "power"), asked_for_a_part(2, "water"))
    assert await office.at(pakistan("02T14:06:00")) == ["News about a part of the work of RB-0000-0001-X."]


async def test_events_for_staff_alone_reach_no_citizen() -> None:
    office, taken = Office(), list[Delivery]()
    await office.member("officer-1")

    async def take(deliveries: Sequence[Delivery]) -> list[Outcome]:
        taken.extend(deliveries)
        return [Outcome("retry", "Later")] * len(deliveries)

    outcomes = await office.work_items.before(take)([assigned(1, "officer-1"), routed(1), mentioned(2, "officer-1")])
    assert [one.headers["ce-type"] for one in taken] == ["request.routed.v1"]
    assert [outcome.verdict for outcome in outcomes] == ["done", "retry", "done"]
    assert len(office.item_store.kept) == 3


async def test_work_at_night_waits_for_the_morning_whatever_the_frequency() -> None:
    office = Office()
    await office.member("head-1", "head")
    await office.digests.sweep()
    office.clock.at = pakistan("02T22:00:00")
    await office.happened(reopened(1), routed(1))
    assert await office.at(pakistan("03T07:59:00")) == []
    assert await office.at(MORNING) == [f"{OPEN_AGAIN} {NEW}"]


async def test_items_are_stored_only_for_departments_with_a_reachable_member() -> None:
    office = Office()
    await office.changed("officer-1")
    await office.digests.sweep()
    await office.happened(routed(1))
    await office.member("officer-1")
    await office.happened(routed(2, department="roads"))
    assert office.item_store.writes == 0
    assert await office.at(MORNING) == []


async def test_moved_member_gets_the_new_department_and_disabled_member_nothing() -> None:
    office = Office()
    await office.member("officer-1")
    await office.member("officer-2")
    await office.digests.sweep()
    await office.changed("officer-1", department="roads")
    await office.changed("officer-2", active=False)
    office.work_items.changed()
    await office.happened(routed(1), routed(2, department="roads"))
    (message,) = [] if await office.at(MORNING) == [] else office.told()
    assert (message.citizen_id, message.subject) == ("staff:officer-1", "roads")


async def test_a_waiting_message_is_cancelled_when_its_member_is_disabled() -> None:
    channel = Recording(at_once=False, name="email", channel="email")
    office = Office(channel)
    await office.member()
    await office.digests.sweep()
    await office.happened(routed(1))
    assert await office.at(MORNING) == [NEW]
    await office.changed("officer-1", active=False)
    channel.sent.clear()
    await office.world.courier.round()
    assert [one.state for one in office.told()] == [DeliveryState.CANCELLED]
    assert not [words for _, _, words in channel.sent if "New" in words]


async def test_late_requests_come_first_and_only_the_head_hears_of_the_organisation() -> None:
    office = Office()
    await office.member("officer-1")
    await office.member("head-1", "head")
    await office.digests.sweep()
    await office.happened(resumed(1), late(2), escalated(3, "head"), escalated(4, "organisation"))
    late_words = "RB-0000-0002-X is late, it was due by 9 March 2026. Resolve it, or give the citizen a new date."
    higher = "RB-0000-0004-X is still late: now a matter for the head of your organisation."
    answered = "The citizen has answered in RB-0000-0001-X."
    assert sorted(await office.at(MORNING)) == sorted([f"{late_words} {answered}", f"{higher} {late_words} {answered}"])


async def test_the_head_and_administrators_hear_that_a_webhook_was_stopped() -> None:
    office = Office()
    await office.member("admin-1", "admin")
    await office.member("officer-1")
    await office.member("head-1", "head")
    await office.digests.sweep()
    await office.happened(webhook_stopped(1, stopped=None), webhook_stopped(2))
    to_admin, to_head = sorted(await office.at(MORNING))
    assert to_head.startswith('Your department\'s system gets no more messages: "Work orders" kept failing.')
    assert to_admin.startswith("A department's system gets no more messages")
    assert '"power: Work orders"' in to_admin


async def test_a_message_goes_to_the_proven_address() -> None:
    channel = Recording(at_once=False, name="email", channel="email")
    channel.result = DeliveryResult(DeliveryState.SENDING)
    office = Office(channel)
    await office.member()
    await office.digests.sweep()
    await office.happened(routed(1))
    await office.at(MORNING)
    await office.world.courier.round()
    assert [address for _, address, words in channel.sent if "New" in words] == ["officer-1@power.example"]


async def test_after_a_crash_the_next_process_repeats_the_same_digest_time() -> None:
    office = Office()
    await office.member(new_work="at_once")
    await office.digests.sweep()
    await office.happened(routed(1))
    office.marks.dies = ConnectionError("gone")
    with pytest.raises(ConnectionError):
        await office.at(pakistan("02T14:06:00"))
    office.marks.dies = None
    await office.happened(routed(2))
    assert await office.at(pakistan("02T14:11:00")) == []
    assert await office.at(pakistan("02T14:11:00")) == [
        "New: RB-0000-0002-X, Street light is out, due by 20 March 2026."
    ]
    assert len(office.told()) == 2


async def test_a_flood_is_one_message_and_one_write_for_each_batch() -> None:
    office = Office()
    await office.member()
    await office.digests.sweep()
    for first in range(0, 10_000, 1_000):
        await office.happened(*(routed(n) for n in range(first, first + 1_000)))
    assert office.item_store.writes == 10
    assert await office.at(MORNING) == ["10000 new requests, the first due by 20 March 2026."]


async def test_an_address_counts_once_its_code_was_entered() -> None:
    office = Office()
    await office.changed("officer-1")
    principal = Principal("officer-1", Role.OFFICER, "power", "session", 0)
    await office.addresses.ask(principal, "email", "stranger@example.com")
    earlier = office.code()
    await office.addresses.ask(principal, "email", "mine@example.com")
    for wrong in {earlier, "000000"} - {office.code()}:
        with pytest.raises(InvalidError):
            await office.addresses.prove(principal, wrong)
    assert (await office.addresses.own(principal)).channel is None
    member = await office.addresses.prove(principal, office.code())
    assert office.addresses.address(member, "email") == "mine@example.com"
    with pytest.raises(InvalidError):
        await office.addresses.prove(principal, office.code())


async def test_a_code_is_valid_for_five_tries_and_ten_minutes() -> None:
    office = Office()
    principal = Principal("officer-1", Role.OFFICER, "power", "session", 0)
    await office.addresses.ask(principal, "sms", "+923001234567")
    code = office.code()
    for _ in range(MAX_TRIES):
        with pytest.raises(InvalidError):
            await office.addresses.prove(principal, "000001" if code == "000000" else "000000")
    with pytest.raises(InvalidError):
        await office.addresses.prove(principal, code)
    await office.addresses.ask(principal, "sms", "+923001234567")
    office.clock.advance(minutes=10)
    with pytest.raises(InvalidError):
        await office.addresses.prove(principal, office.code())


async def test_a_member_gets_at_most_five_codes_an_hour_and_ten_a_day() -> None:
    office = Office()
    principal = Principal("officer-1", Role.OFFICER, "power", "session", 0)
    for _ in range(2):
        for _ in range(5):
            await office.addresses.ask(principal, "sms", "+923001234567")
        with pytest.raises(TooManyRequestsError):
            await office.addresses.ask(principal, "sms", "+923001234567")
        office.clock.advance(hours=1)
    with pytest.raises(TooManyRequestsError) as refused:
        await office.addresses.ask(principal, "sms", "+923001234567")
    assert refused.value.headers["Retry-After"] == str(22 * 3600)
    assert len(office.world.words()) == 10


async def test_an_address_opens_after_resealing() -> None:
    office = Office()
    await office.member()
    document = office.staff.documents["officer-1"]
    resealed = KEYS.reseal(document["email"], owners_in(document))
    assert KEYS.unseal(resealed, SealPurpose.CITIZEN_EMAIL, owner="staff:officer-1") == "officer-1@power.example"
