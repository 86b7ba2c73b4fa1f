"""Tests of record stores, run on the store in memory, which unit tests use, and on MongoDB."""

import asyncio

import pytest

from tests.fakes import FakeClock
from tests.integration.record_places import Note, Place, in_mongo, say


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
