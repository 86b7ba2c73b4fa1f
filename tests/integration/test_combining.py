"""Combined messages, read state and answers, on a real database."""

from datetime import timedelta
from typing import Any, cast

from services.notifier.combining import combine, drop_included
from services.notifier.models.notification import DeliveryState, Notification
from services.notifier.own_messages import OwnMessages
from services.notifier.store.notifications import NotificationStore
from services.notifier.store.senders import MAX_IN_AN_HOUR, SenderStore
from shared.clock import utc_now
from shared.mongo import Database
from tests.builders import KEYS
from tests.fakes import FakeClock

CITIZEN = "citizen-1"


def a_message(id: str, template: str, seconds: float = 5, heard: int | None = None) -> Notification:
    """A message that waits for that long."""
    now = utc_now()
    return Notification(
        id=f"{id}:sms",
        citizen_id=CITIZEN,
        subject=id.split("/")[1],
        template=template,
        channel="sms",
        created_at=now,
        due_at=now + timedelta(seconds=seconds),
        event={"seq": 1, "type": "request.submitted.v1", "at": now, "data": "{}"},
        heard=heard,
    )


SUBMITTED = a_message("requests/RB-1/1", "request.submitted.verifying")
ROUTED = a_message("routing/RB-1/1", "request.routed", seconds=86_400, heard=0)  # not due while tests run


async def stored(store: NotificationStore, id: str) -> Notification:
    """The stored message."""
    document = await store.collection.find_one({"_id": id})
    assert document is not None
    return Notification.of(document)


async def test_the_later_message_takes_the_earlier_one_with_it(database: Database) -> None:
    store = NotificationStore(database["notifications"])
    await store.insert_new([SUBMITTED, a_message("requests/RB-10/1", "request.submitted.verifying")])
    for _ in range(2):  # whoever died in between does it again
        found = await combine(store, [ROUTED])
        assert [one.id for one in found[ROUTED.id].included] == [SUBMITTED.id]
    kept = await stored(store, SUBMITTED.id)
    assert (kept.state, kept.included_in, kept.due_at) == (DeliveryState.CANCELLED, ROUTED.id, None)
    assert (await stored(store, "requests/RB-10/1:sms")).state is DeliveryState.CREATED


async def test_the_earlier_one_sees_that_a_later_one_is_there(database: Database) -> None:
    store = NotificationStore(database["notifications"])
    assert (await combine(store, [ROUTED]))[ROUTED.id].is_empty
    early = a_message("requests/RB-1/1", "request.submitted.verifying", seconds=-1)
    await store.insert_new([ROUTED, early])
    due = await store.due("sms", 10, urgent=False)
    assert [one.id for one in due] == [early.id]
    assert await drop_included(store, due) == []
    assert (await stored(store, early.id)).included_in == ROUTED.id


async def test_a_claimed_message_is_not_combined(database: Database) -> None:
    store = NotificationStore(database["notifications"])
    early = a_message("requests/RB-1/1", "request.submitted.verifying", seconds=-1)
    await store.insert_new([early])
    [due] = await store.due("sms", 10, urgent=False)
    assert due.due_at is not None
    due.state, read = DeliveryState.SENDING, {due.id: due.due_at}
    assert await store.claim(read, [due], timedelta(seconds=30)) == {due.id}
    earlier = (await combine(store, [ROUTED]))[ROUTED.id]
    assert (earlier.included, earlier.sent) == ((), True)


async def test_answers_are_counted_by_phone_and_each_sms_once(database: Database) -> None:
    clock = FakeClock()
    store = SenderStore(database["senders"], clock)
    assert await store.may_answer("a", "sms/$help", is_help=True)
    assert await store.may_answer("a", "sms/$help", is_help=True)
    assert not await store.may_answer("a", "sms/2", is_help=True)
    assert [await store.may_answer("a", f"sms/s{n}", is_help=False) for n in range(12)].count(
        True
    ) == MAX_IN_AN_HOUR - 1
    assert await store.may_answer("b", "sms/3", is_help=True)
    clock.advance(minutes=61)
    assert await store.may_answer("a", "sms/4", is_help=False)
    assert not await store.may_answer("a", "sms/5", is_help=True)
    clock.advance(minutes=60 * 24)
    assert await store.may_answer("a", "sms/6", is_help=True)


async def test_citizens_mark_only_their_own_messages(database: Database) -> None:
    store = NotificationStore(database["notifications"])
    marks = OwnMessages(cast(Any, None), store, KEYS)
    made = [a_message(f"routing/RB-{n}/1", "request.accepted") for n in range(6)]
    for place, one in enumerate(made):
        one.words, one.event, one.created_at = "sealed", None, utc_now() + timedelta(seconds=place)
    made[4].citizen_id = "citizen-2"
    made[5].created_at = utc_now() - timedelta(days=31)  # counts as read
    await store.insert_new(made)
    assert await marks.unread(CITIZEN) == 4
    assert await marks.mark_read(CITIZEN, [made[3].id, made[4].id], None) == 3
    assert await marks.mark_read(CITIZEN, [], made[1].id) == 1
    assert await marks.mark_read(CITIZEN, [], made[4].id) == 1
    assert await marks.unread("citizen-2") == 1
