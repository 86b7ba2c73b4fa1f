"""Which events record stores give to the relay, in memory and on MongoDB."""

import asyncio
from datetime import timedelta

import pytest

from shared import events
from shared.records import Backlog
from tests.fakes import FakeClock
from tests.integration.record_places import Note, Place, say


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
