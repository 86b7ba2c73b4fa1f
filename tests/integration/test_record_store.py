"""What a store of records promises, tried on the one in memory that unit tests use and on the real MongoDB alike."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from shared import events
from shared.envelope import FORGOTTEN
from shared.records import Backlog
from tests.fakes import FakeClock
from tests.integration.record_places import Note, Place, in_memory, in_mongo, say

NEEDED = ("routing", "notifier")


@pytest.fixture(params=[in_memory, in_mongo], ids=["memory", "mongo"])
async def place(request: pytest.FixtureRequest) -> AsyncIterator[Place]:
    """Each of the stores."""
    async with request.param(request) as place:
        yield place


async def test_what_was_inserted_is_read_as_it_was(place: Place) -> None:
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


async def test_a_save_changes_what_changed_in_place_too(place: Place) -> None:
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


async def test_what_was_written_lately_can_be_gone_on_with(place: Place) -> None:
    note = await place.filed("n-1", 1)
    await place.filed("n-2", 1)
    for n in range(3):
        found = await place.store.load_lately(["n-1", "n-2", "n-3"])
        assert found.keys() == {"n-1", "n-2"}
        note = found["n-1"]
        assert [entry["n"] for entry in note.history] == list(range(n))
        note.history.append({"n": n})
        say(note)
        assert await place.store.save_many([note, found["n-2"]]) == set()
    read = await place.read("n-1")
    assert (len(read.history), read.seq, read.rev) == (3, 4, 4)
    assert [entry["seq"] for entry in (await place.documents("n-1"))["events"]] == [1, 2, 3, 4]


async def test_a_lost_race_writes_nothing_and_tells_nothing(place: Place) -> None:
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


async def test_a_record_is_begun_once(place: Place) -> None:
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


async def test_a_write_in_doubt_that_is_made_again_counts_once(place: Place) -> None:
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


async def test_what_is_not_confirmed_in_time_is_found_once_per_lease_in_order(place: Place) -> None:
    await place.filed("n-1", 3)
    assert await place.unsent() == []
    await place.lease_over()
    assert await place.unsent() == [("n-1", 1), ("n-1", 2), ("n-1", 3)]
    assert await place.unsent() == []
    await place.lease_over()
    assert len(await place.unsent()) == 3


async def test_two_sweeps_share_what_there_is(place: Place) -> None:
    for n in range(20):
        await place.filed(f"n-{n}")
    await place.lease_over()
    claims = await asyncio.gather(*(place.unsent() for _ in range(4)))
    found = [subject for claim in claims for subject, _ in claim]
    assert sorted(found) == sorted({f"n-{n}" for n in range(20)})


async def test_a_sweep_takes_no_more_than_it_was_asked(place: Place) -> None:
    for n in range(5):
        await place.filed(f"n-{n}", 2)
    await place.lease_over()
    assert len({envelope.subject for envelope in await place.store.claim_unsent(3)}) <= 3


async def test_the_envelopes_that_are_found_are_those_that_were_said(place: Place) -> None:
    note = Note(id="n-1")
    note.emit(events.RequestConfirmed(citizen_id="c", rating=4), FakeClock().now(), queue="department.power")
    await place.store.insert_many([note])
    await place.lease_over()
    assert await place.store.claim_unsent(10) == note.emitted


async def test_the_backlog_is_what_was_not_confirmed_and_how_old_it_is(place: Place) -> None:
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


async def test_what_was_confirmed_is_not_found_again(place: Place) -> None:
    await place.filed("n-1", 2)
    await place.filed("n-2", 1)
    await place.store.confirm_sent({"n-1": (1, 2), "n-2": (1, 1)})
    assert (await place.sent("n-1"), await place.sent("n-2")) == (2, 1)
    await place.lease_over()
    assert await place.unsent() == []


async def test_a_part_that_was_confirmed_leaves_the_rest_to_be_found(place: Place) -> None:
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


async def test_confirming_again_or_late_goes_never_back(place: Place) -> None:
    await place.filed("n-1", 3)
    await place.store.confirm_sent({"n-1": (1, 3)})
    await place.store.confirm_sent({"n-1": (1, 2)})
    await place.store.confirm_sent({"n-1": (1, 3), "nobody": (1, 1)})
    assert await place.sent() == 3
    await place.lease_over()
    assert await place.unsent() == []


async def test_what_was_added_meanwhile_is_found_by_itself(place: Place) -> None:
    note = await place.filed("n-1", 1)
    say(note)
    await place.store.save_many([note])
    await place.store.confirm_sent({"n-1": (1, 1)})
    assert await place.sent() == 1
    await place.lease_over()
    assert await place.unsent() == [("n-1", 2)]
    await place.store.confirm_sent({"n-1": (2, 2)})
    assert await place.sent() == 2


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
    assert await place.unsettled() == []
    await place.settle_time()
    [found] = await place.store.claim_unsettled(10)
    assert found["_id"] == "n-1"
    assert [(event["seq"], event["type"]) for event in found["events"]] == [(1, "request.answered.v1")]
    assert await place.unsettled() == []
    await place.settle_time()
    assert await place.unsettled() == ["n-1"]


async def test_a_record_is_settled_when_all_who_must_have_it(place: Place) -> None:
    await place.filed("n-1", 2)
    await place.store.confirm_sent({"n-1": (1, 2)})
    assert await place.store.settle("routing", {"n-1": 2}, NEEDED) == 0
    await place.settle_time()
    [found] = await place.store.claim_unsettled(10)
    assert found["settled"] == {"routing": 2}
    assert await place.store.settle("notifier", {"n-1": 2}, NEEDED) == 0
    await place.settle_time()
    assert await place.unsettled() == []


async def test_what_a_consumer_lacks_is_relayed_again_from_there(place: Place) -> None:
    await place.filed("n-1", 3)
    await place.filed("n-2", 1)
    await place.store.confirm_sent({"n-1": (1, 3), "n-2": (1, 1)})
    assert await place.store.settle("routing", {"n-1": 1, "n-2": 1, "nobody": 0}, NEEDED) == 1
    await place.lease_over()
    assert await place.unsent() == [("n-1", 2), ("n-1", 3)]
    await place.store.confirm_sent({"n-1": (2, 3)})
    assert await place.store.settle("routing", {"n-1": 3}, NEEDED) == 0
    assert await place.store.settle("notifier", {"n-1": 3, "n-2": 1}, NEEDED) == 0
    await place.settle_time()
    assert await place.unsettled() == []


async def test_what_is_still_on_its_way_is_not_sent_twice(place: Place) -> None:
    await place.filed("n-1", 2)
    assert await place.store.settle("routing", {"n-1": 0}, NEEDED) == 0
    assert await place.sent() == 0


async def test_an_old_answer_takes_nothing_back(place: Place) -> None:
    await place.filed("n-1", 2)
    await place.store.confirm_sent({"n-1": (1, 2)})
    for consumer in NEEDED:
        await place.store.settle(consumer, {"n-1": 2}, NEEDED)
    await place.store.settle("routing", {"n-1": 1}, NEEDED)
    assert (await place.documents("n-1"))["settled"] == {"routing": 2, "notifier": 2}


async def test_a_new_event_opens_the_settlement_again(place: Place) -> None:
    note = await place.filed("n-1", 1)
    await place.store.confirm_sent({"n-1": (1, 1)})
    for consumer in NEEDED:
        await place.store.settle(consumer, {"n-1": 1}, NEEDED)
    say(note)
    assert await place.store.save_many([note]) == set()
    await place.store.confirm_sent({"n-1": (2, 2)})
    await place.settle_time()
    assert await place.unsettled() == ["n-1"]


async def test_bodies_are_forgotten_when_everybody_has_them_and_later_events_keep_theirs(place: Place) -> None:
    note = await place.filed("n-1", 2)
    await place.filed("n-2", 1)
    note.forget_said()
    say(note)
    assert await place.store.save_many([note]) == set()
    for confirmed, consumer in (((1, 3), "routing"), ((1, 3), "notifier")):
        assert await place.store.forget_settled() == 0
        await place.store.confirm_sent({"n-1": confirmed, "n-2": (1, 1)})
        await place.store.settle(consumer, {"n-1": 3, "n-2": 1}, NEEDED)
    assert await place.store.forget_settled() == 1
    assert await place.store.forget_settled() == 0
    said = (await place.documents("n-1"))["events"]
    assert [(entry["seq"], entry["data"] == FORGOTTEN.decode()) for entry in said] == [(1, True), (2, True), (3, False)]
    assert (await place.documents("n-2"))["events"][0]["data"] != FORGOTTEN.decode()
    say(note := await place.read("n-1"))
    assert await place.store.save_many([note]) == set()
    await place.lease_over()
    assert await place.unsent() == [("n-1", 4)]
