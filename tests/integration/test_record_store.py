"""Tests of record stores, run on the store in memory, which unit tests use, and on MongoDB."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from shared import events
from shared.envelope import FORGOTTEN
from shared.records import Backlog
from tests.fakes import FakeClock
from tests.integration.record_places import SETTLE_AFTER, Note, Notes, Place, in_memory, in_mongo, say

NEEDED = ("routing", "notifier")


@pytest.fixture(params=[in_memory, in_mongo], ids=["memory", "mongo"])
async def place(request: pytest.FixtureRequest) -> AsyncIterator[Place]:
    """Each store in turn."""
    async with request.param(request) as place:
        yield place


async def test_an_inserted_record_is_read_unchanged(place: Place) -> None:
    moment = FakeClock().now()
    note = Note(id="n-1", text="آب", facts={"a": [1, True, None]}, history=[{"n": 1, "at": moment}])
    note.inbox, note.parked = {"routing": 3}, {"routing": {"5": {"seq": 5, "at": moment}}}
    say(note, 2)
    assert await place.store.insert_many([note]) == [None]
    read = await place.read()
    assert read.fields() == note.fields()
    assert (read.rev, read.seq) == (1, 2)
    assert await place.store.get("n-2") is None
    assert set(await place.store.load_many(["n-1", "n-2"])) == {"n-1"}
    assert await place.store.load_many([]) == {}


async def test_each_duplicate_is_named_by_its_index_and_the_others_are_stored(place: Place) -> None:
    await place.store.insert_many([Note(id="n-1", key="k-1"), Note(id="n-2", active="s-1")])
    told: list[str] = []
    place.store.on_emitted = lambda envelopes: told.extend(envelope.subject for envelope in envelopes)
    batch = [
        Note(id="n-1"),
        Note(id="n-3", key="k-1"),
        Note(id="n-4", active="s-1"),
        Note(id="n-5", key="k-1", owner="b"),
        Note(id="n-6"),
        Note(id="n-7"),
        Note(id="n-6"),
    ]
    for note in batch:
        say(note)
    assert await place.store.insert_many(batch) == ["_id", "owner+key", "owner+active", None, None, None, "_id"]
    assert told == ["n-5", "n-6", "n-7"]
    assert (await place.read("n-1")).key == "k-1"


async def test_a_save_stores_changes_inside_a_value(place: Place) -> None:
    note = await place.filed()
    note.text = "new"
    note.history.append({"n": 1})
    note.facts["a"] = 1
    note.inbox["routing"] = 1
    assert await place.store.save_many([note]) == set()
    read = await place.read()
    assert (read.text, read.history, read.facts, read.inbox, read.rev) == (
        "new",
        [{"n": 1}],
        {"a": 1},
        {"routing": 1},
        2,
    )


async def test_a_save_without_a_change_is_a_revision_too(place: Place) -> None:
    note = await place.filed()
    assert await place.store.save_many([note]) == set()
    assert await place.store.save_many([note]) == {"n-1"}


async def test_a_record_that_was_just_written_can_be_changed_again(place: Place) -> None:
    note = await place.filed("n-1", 1)
    await place.filed("n-2", 1)
    for n in range(3):
        found = await place.store.load_cached(["n-1", "n-2", "n-3"])
        assert found.keys() == {"n-1", "n-2"}
        note = found["n-1"]
        assert [entry["n"] for entry in note.history] == list(range(n))
        note.history.append({"n": n})
        say(note)
        assert await place.store.save_many([note, found["n-2"]]) == set()
    read = await place.read("n-1")
    assert (len(read.history), read.seq, read.rev) == (3, 4, 4)
    assert [entry["seq"] for entry in (await place.documents("n-1"))["events"]] == [1, 2, 3, 4]


async def test_a_lost_race_writes_and_emits_nothing(place: Place) -> None:
    await place.filed("n-1")
    await place.filed("n-2")
    mine, theirs = await place.read("n-1"), await place.read("n-1")
    theirs.text = "theirs"
    assert await place.store.save_many([theirs]) == set()
    told: list[str] = []
    place.store.on_emitted = lambda envelopes: told.extend(envelope.subject for envelope in envelopes)
    mine.text, other = "mine", await place.read("n-2")
    say(mine)
    say(other)
    assert await place.store.save_many([mine, other]) == {"n-1"}
    assert told == ["n-2"]
    assert (await place.read("n-1")).text == "theirs"
    assert ((await place.read("n-1")).seq, (await place.read("n-2")).seq) == (1, 2)


async def test_a_record_is_created_once(place: Place) -> None:
    first, second = Note(id="n-1", text="first"), Note(id="n-1", text="second")
    assert await place.store.save_many([first]) == set()
    assert await place.store.save_many([second, Note(id="n-2")]) == {"n-1"}
    assert (await place.read("n-1")).text == "first"
    assert (await place.read("n-2")).rev == 1
    assert await place.store.save_many([]) == set()


async def test_a_save_against_another_index_is_lost_and_not_written(place: Place) -> None:
    await place.store.insert_many([Note(id="n-1", active="s-1")])
    clash = Note(id="n-2", active="s-1")
    assert await place.store.save_many([clash, Note(id="n-3")]) == {"n-2"}
    assert await place.store.get("n-2") is None


async def test_many_racers_have_one_winner(place: Place) -> None:
    await place.filed()

    async def race(n: int) -> bool:
        note = await place.read()
        note.history.append({"n": n})
        say(note)
        return not await place.store.save_many([note])

    wins = 0
    for _ in range(5):
        wins += sum(await asyncio.gather(*(race(n) for n in range(8))))
    read = await place.read()
    assert len(read.history) == wins == read.rev - 1
    assert read.seq == wins + 1
    assert wins >= 5


async def test_a_repeated_uncertain_write_counts_once(place: Place) -> None:
    note = await place.filed()
    note.history.append({"n": 1})
    say(note)
    assert await place.store.save_many([note]) == set()
    assert await place.store.save_many([note]) == {"n-1"}
    again = Note(id="n-2", key="k")
    say(again)
    assert await place.store.insert_many([again]) == [None]
    assert (await place.store.insert_many([again]))[0] is not None
    read = await place.read()
    assert (len(read.history), read.seq) == (1, 2)
    assert len((await place.documents("n-1"))["events"]) == 2


async def test_unconfirmed_events_are_found_once_per_lease_in_order(place: Place) -> None:
    await place.filed("n-1", 3)
    assert await place.unsent() == []
    await place.lease_over()
    assert await place.unsent() == [("n-1", 1), ("n-1", 2), ("n-1", 3)]
    assert await place.unsent() == []
    await place.lease_over()
    assert len(await place.unsent()) == 3


async def test_two_sweeps_share_the_backlog(place: Place) -> None:
    for n in range(20):
        await place.filed(f"n-{n}")
    await place.lease_over()
    claims = await asyncio.gather(*(place.unsent() for _ in range(4)))
    found = [subject for claim in claims for subject, _ in claim]
    assert sorted(found) == sorted({f"n-{n}" for n in range(20)})


async def test_a_sweep_claims_at_most_its_limit(place: Place) -> None:
    for n in range(5):
        await place.filed(f"n-{n}", 2)
    await place.lease_over()
    assert len({envelope.subject for envelope in await place.store.claim_unsent(3)}) <= 3


async def test_found_envelopes_equal_the_emitted_ones(place: Place) -> None:
    note = Note(id="n-1")
    note.emit(events.RequestConfirmed(citizen_id="c", rating=4), FakeClock().now(), queue="department.power")
    await place.store.insert_many([note])
    await place.lease_over()
    assert await place.store.claim_unsent(10) == note.emitted


async def test_the_backlog_counts_unconfirmed_events_and_their_age(place: Place) -> None:
    assert await place.store.backlog() == Backlog(0, 0.0)
    note = Note(id="n-1")
    for minutes in (30, 2):
        note.emit(events.RequestAnswered(citizen_id="c"), place.store.clock.now() - timedelta(minutes=minutes))
    await place.store.insert_many([note])
    await place.filed("n-2")
    waits = await place.store.backlog()
    assert waits.records == 2
    await place.store.confirm_sent({"n-1": (1, 1), "n-2": (1, 1)})
    waits = await place.store.backlog()
    assert waits.records == 1
    assert 120 <= waits.oldest < 180
    await place.store.confirm_sent({"n-1": (1, 2)})
    assert await place.store.backlog() == Backlog(0, 0.0)


async def test_confirmed_events_are_not_found_again(place: Place) -> None:
    await place.filed("n-1", 2)
    await place.filed("n-2", 1)
    await place.store.confirm_sent({"n-1": (1, 2), "n-2": (1, 1)})
    assert (await place.sent("n-1"), await place.sent("n-2")) == (2, 1)
    await place.lease_over()
    assert await place.unsent() == []


async def test_after_a_partial_confirm_the_other_events_are_found(place: Place) -> None:
    await place.filed("n-1", 3)
    await place.store.confirm_sent({"n-1": (1, 2)})
    await place.lease_over()
    assert await place.unsent() == [("n-1", 3)]


@pytest.mark.parametrize("late", [(2, 3), (3, 3), (2, 2)])
async def test_an_earlier_event_that_failed_is_not_taken_as_sent_for_a_later_one(
    place: Place, late: tuple[int, int]
) -> None:
    await place.filed("n-1", 3)
    await place.store.confirm_sent({"n-1": late})
    assert await place.sent() == 0
    await place.lease_over()
    assert await place.unsent() == [("n-1", 1), ("n-1", 2), ("n-1", 3)]


async def test_a_repeated_or_late_confirm_never_moves_back(place: Place) -> None:
    await place.filed("n-1", 3)
    await place.store.confirm_sent({"n-1": (1, 3)})
    await place.store.confirm_sent({"n-1": (1, 2)})
    await place.store.confirm_sent({"n-1": (1, 3), "nobody": (1, 1)})
    assert await place.sent() == 3
    await place.lease_over()
    assert await place.unsent() == []


async def test_events_added_meanwhile_are_found_alone(place: Place) -> None:
    note = await place.filed("n-1", 1)
    say(note)
    await place.store.save_many([note])
    await place.store.confirm_sent({"n-1": (1, 1)})
    assert await place.sent() == 1
    await place.lease_over()
    assert await place.unsent() == [("n-1", 2)]
    await place.store.confirm_sent({"n-1": (2, 2)})
    assert await place.sent() == 2


async def test_a_write_notes_what_was_confirmed_before_it(place: Place) -> None:
    for number in ("n-1", "n-2"):
        await place.filed(number, 2)
    place.store.confirmed.add({"n-1": (1, 2)})
    notes = [await place.read(number) for number in ("n-1", "n-2")]
    assert await place.store.save_many(notes) == set()
    assert (await place.sent("n-1"), await place.sent("n-2")) == (2, 0)
    assert place.store.confirmed.take_all() == {}
    await place.lease_over()
    assert await place.unsent() == [("n-2", 1), ("n-2", 2)]
    await place.settle_time()
    assert await place.unsettled() == ["n-1"]


async def test_a_write_that_is_lost_leaves_what_was_confirmed_to_the_relay(place: Place) -> None:
    mine, theirs = await place.filed(), await place.read()
    assert await place.store.save_many([theirs]) == set()
    place.store.confirmed.add({"n-1": (1, 1)})
    assert await place.store.save_many([mine]) == {"n-1"}
    assert await place.sent() == 0
    assert place.store.confirmed.take_all() == {"n-1": (1, 1)}


async def test_a_write_does_not_note_what_was_confirmed_only_in_part_or_after_a_failure(place: Place) -> None:
    spans = {"n-1": (1, 1), "n-2": (2, 2), "n-3": (1, 2), "n-4": (1, 2)}
    for number in spans:
        await place.filed(number, 2)
    await place.store.confirm_sent({"n-4": (1, 2)})
    assert await place.store.send_again({"n-4": 0}, (await place.documents("n-4"))["sent_at"]) == 1
    notes = [await place.read(number) for number in spans]
    say(notes[2])
    place.store.confirmed.add(spans)
    assert await place.store.save_many(notes) == set()
    assert [await place.sent(number) for number in spans] == [0, 0, 0, 0]
    assert place.store.confirmed.take_all() == spans


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


async def test_an_empty_field_is_stored_only_after_it_had_a_value(request: pytest.FixtureRequest) -> None:
    async with in_mongo(request) as place:
        note = await place.filed("n-1")
        assert not {"key", "active", "facts", "history", "parked"} & (await place.documents("n-1")).keys()
        note.key, note.facts = "k-1", {"a": 1}
        assert await place.store.save_many([note]) == set()
        note = await place.read("n-1")
        note.key, note.facts = None, {}
        assert await place.store.save_many([note]) == set()
        document = await place.documents("n-1")
        assert (document["key"], document["facts"], "active" in document) == (None, {}, False)
        assert (await place.read("n-1")).fields() == note.fields()
