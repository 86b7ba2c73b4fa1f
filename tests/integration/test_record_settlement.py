"""Which records stores give to settlement, in memory and on MongoDB."""

import asyncio
import itertools
from datetime import timedelta

import pytest

from shared.envelope import FORGOTTEN
from tests.fakes import FakeClock
from tests.integration.record_places import SETTLE_AFTER, Notes, Place, in_mongo, say

NEEDED = ("routing", "notifier")


async def test_a_silent_record_is_neither_relayed_nor_settled(place: Place) -> None:
    await place.filed("n-1", 0)
    await place.lease_over()
    await place.settle_time()
    assert await place.unsent() == []
    assert await place.unsettled() == []


async def test_records_are_asked_for_after_their_time_once_they_were_sent(place: Place) -> None:
    await place.filed("n-1")
    await place.filed("n-2")
    await place.store.confirm_sent({"n-1": (1, 1)})
    assert await place.store.next_range("routing", 10) is None
    await place.settle_time()
    found = await place.store.next_range("routing", 10)
    assert found is not None
    assert found.records == {"n-1": (0, ["request.answered.v1"])}
    assert await place.store.next_range("routing", 10) is None, "somebody has asked"
    await place.settle_time()
    assert await place.store.next_range("routing", 10) == found, "nobody has answered"


async def test_each_consumer_is_settled_by_itself_and_a_watermark_moves_once(place: Place) -> None:
    await place.filed("n-1", 2)
    await place.store.confirm_sent({"n-1": (1, 2)})
    await place.settle_time()
    found = await place.store.next_range("routing", 10)
    assert found is not None
    assert await place.store.move_watermark("routing", found.since, found.upto)
    assert not await place.store.move_watermark("routing", found.since, found.upto)
    assert await place.store.next_range("routing", 10) is None
    assert await place.store.lag("routing") == 0
    assert await place.store.lag("notifier") > 0
    assert await place.unsettled("notifier") == ["n-1"]


async def test_ranges_follow_one_another_without_a_gap_also_where_stamps_are_equal(place: Place) -> None:
    for n in range(7):
        await place.filed(f"n-{n}")
    for together in (("n-0",), ("n-1", "n-2", "n-3", "n-4"), ("n-5", "n-6")):
        await place.store.confirm_sent(dict.fromkeys(together, (1, 1)))
    await place.settle_time()
    stamps = {f"n-{n}": (await place.documents(f"n-{n}"))["sent_at"] for n in range(7)}
    asked: list[list[str]] = []
    while records := await place.unsettled(limit=2):
        asked.append(records)
    assert sorted(record for records in asked for record in records) == sorted(stamps)
    for records, later in itertools.pairwise(asked):
        assert max(stamps[record] for record in records) < min(stamps[record] for record in later)


async def test_only_one_of_two_simultaneous_askers_gets_the_range(place: Place) -> None:
    await place.filed("n-1")
    await place.store.confirm_sent({"n-1": (1, 1)})
    await place.settle_time()
    found = await asyncio.gather(*(place.store.next_range("routing", 10) for _ in range(5)))
    assert sum(one is not None for one in found) == 1


async def test_missing_events_are_relayed_again_and_asked_for_again(place: Place) -> None:
    await place.filed("n-1", 3)
    await place.filed("n-2", 1)
    await place.store.confirm_sent({"n-1": (1, 3), "n-2": (1, 1)})
    await place.settle_time()
    found = await place.store.next_range("routing", 10)
    assert found is not None
    lacking = {"n-1": 1, "n-2": 1, "nobody": 0}
    assert await place.store.send_again(lacking, found.upto) == 1
    assert await place.store.send_again(lacking, found.upto) == 0, "it is on its way"
    assert await place.store.move_watermark("routing", found.since, found.upto)
    await place.lease_over()
    assert await place.unsent() == [("n-1", 2), ("n-1", 3)]
    await place.store.confirm_sent({"n-1": (2, 3)})
    assert await place.store.send_again(lacking, found.upto) == 0, "the answer is older than that"
    await place.settle_time()
    assert await place.unsettled() == ["n-1"]


async def test_events_missing_again_are_asked_for_later_until_a_new_one(place: Place) -> None:
    note = await place.filed("n-1")
    await place.store.confirm_sent({"n-1": (1, 1)})
    stamps = []
    for _ in range(3):
        document = await place.documents("n-1")
        stamps.append(document["sent_at"])
        assert await place.store.send_again({"n-1": 0}, document["sent_at"]) == 1
        await place.store.confirm_sent({"n-1": (1, 1)})
    again, later = (after - before for before, after in itertools.pairwise(stamps))
    assert later - again >= timedelta(seconds=SETTLE_AFTER * 0.9)
    say(note)
    assert await place.store.save_many([note]) == set()
    assert "resent" not in await place.documents("n-1")


async def test_an_event_under_way_is_not_sent_twice(place: Place) -> None:
    await place.filed("n-1", 2)
    assert await place.store.send_again({"n-1": 0}, place.store.clock.now() + timedelta(hours=1)) == 0
    assert await place.sent() == 0


async def test_a_new_event_opens_the_settlement_again(place: Place) -> None:
    note = await place.filed("n-1", 1)
    await place.store.confirm_sent({"n-1": (1, 1)})
    await place.settle_time()
    assert await place.unsettled() == ["n-1"]
    say(note)
    assert await place.store.save_many([note]) == set()
    assert await place.unsettled() == []
    await place.store.confirm_sent({"n-1": (2, 2)})
    await place.settle_time()
    assert await place.unsettled() == ["n-1"]


async def test_an_inbox_reports_its_position_for_each_source(place: Place) -> None:
    note = await place.filed("n-1")
    note.inbox["routing"] = 3
    assert await place.store.save_many([note]) == set()
    assert await place.store.taken_in(["n-1", "n-2"], "routing") == {"n-1": 3}
    assert await place.store.taken_in(["n-1"], "identity") == {"n-1": 0}


async def test_bodies_are_forgotten_when_everybody_has_them_and_later_events_keep_theirs(place: Place) -> None:
    note = await place.filed("n-1", 2)
    await place.filed("n-2", 1)
    note.forget_events()
    say(note)
    assert await place.store.save_many([note]) == set()
    assert await place.store.forget_settled(NEEDED) == 0
    await place.store.confirm_sent({"n-1": (1, 3), "n-2": (1, 1)})
    await place.settle_time()
    for consumer in NEEDED:
        assert await place.store.forget_settled(NEEDED) == 0
        await place.unsettled(consumer)
    assert await place.store.forget_settled(NEEDED) == 1
    assert await place.store.forget_settled(NEEDED) == 0
    stored_events = (await place.documents("n-1"))["events"]
    assert [(entry["seq"], entry["data"] == FORGOTTEN.decode()) for entry in stored_events] == [
        (1, True),
        (2, True),
        (3, False),
    ]
    assert (await place.documents("n-2"))["events"][0]["data"] != FORGOTTEN.decode()
    say(note := await place.read("n-1"))
    assert await place.store.save_many([note]) == set()
    await place.lease_over()
    assert await place.unsent() == [("n-1", 4)]
    await place.store.confirm_sent({"n-1": (4, 4)})
    await place.settle_time()
    found = await place.store.next_range("routing", 10)
    assert found is not None
    settled, types = found.records["n-1"]
    assert (settled >= 2, settled + len(types)) == (True, 4), "what was forgotten is not asked for again"


async def test_settlement_marks_of_an_earlier_version_are_taken_over(request: pytest.FixtureRequest) -> None:
    async with in_mongo(request) as place:
        assert isinstance(place.store, Notes)
        collection = place.store.collection
        await collection.create_index([("settle_after", 1)])
        await place.filed("n-1", 2)
        old = {"settle_after": FakeClock().now(), "settle_tries": 0, "settled": {"routing": 1}, "sent": 2}
        await collection.update_one({"_id": "n-1"}, {"$set": old, "$unset": {"relay_after": ""}})
        await place.store.create_indexes()
        assert "settle_after_1" in await collection.index_information(), "the earlier version may still be running"
        await place.store.create_indexes()
        assert "settle_after_1" not in await collection.index_information()
        await place.settle_time()
        found = await place.store.next_range("routing", 10)
        assert found is not None
        assert found.records == {"n-1": (1, ["request.answered.v1"])}
        assert "settle_after" not in await place.documents("n-1")


async def test_settled_events_are_not_asked_for_again(request: pytest.FixtureRequest) -> None:
    async with in_mongo(request) as place:
        await place.filed("n-1", 3)
        await place.store.confirm_sent({"n-1": (1, 3)})
        await place.settle_time()
        for consumer in NEEDED:
            await place.unsettled(consumer)
        await place.store.forget_settled(NEEDED)
        say(note := await place.read("n-1"))
        await place.store.save_many([note])
        await place.store.confirm_sent({"n-1": (4, 4)})
        await place.settle_time()
        found = await place.store.next_range("routing", 10)
        assert found is not None
        assert found.records == {"n-1": (3, ["request.answered.v1"])}


async def test_the_next_range_is_read_from_its_index(request: pytest.FixtureRequest) -> None:
    async with in_mongo(request) as place:
        assert isinstance(place.store, Notes)
        for n in range(30):
            await place.filed(f"n-{n}")
        await place.store.confirm_sent({f"n-{n}": (1, 1) for n in range(30)})
        await place.settle_time()
        database = place.store.collection.database
        await database.command({"profile": 2})
        assert len(await place.unsettled(limit=5)) >= 5
        read = await database["system.profile"].find_one({"op": "query", "command.find": "notes", "command.limit": 5})
        assert read is not None
        assert (read["planSummary"], read["docsExamined"], "hasSortStage" in read) == (
            "IXSCAN { sent_at: 1 }",
            5,
            False,
        )
