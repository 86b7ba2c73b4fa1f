"""The inbox: events in any order, any number of times, have the effects of their original order."""

from dataclasses import dataclass, field, replace
from typing import ClassVar, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import events
from shared.bus import DONE, Delivery, Outcome
from shared.envelope import FORGOTTEN, Envelope
from shared.events import Event
from shared.inbox import MAX_AHEAD, MAX_PARKED, Inbox
from shared.records import Record
from tests.builders import CITIZEN, NUMBER, a_delivery, an_envelope
from tests.fakes import AwayError, MemoryStore

SAID = events.RequestConfirmed.type
OTHER = "RB-0000-0000-0"


@dataclass(kw_only=True)
class Diary(Record):
    """A record that notes each event and emits one itself."""

    source: ClassVar[str] = "diary"

    told: list[str] = field(default_factory=list)


class NotYetError(LookupError):
    """Something that the handler needs has not arrived yet."""


class Desk:
    """An inbox over a store, with a handler that a test can make fail."""

    def __init__(self, *, expect_new: bool = False) -> None:
        self.store = MemoryStore(Diary)
        self.failing: dict[int, Exception] = {}
        handlers = {SAID: self.note, events.RequestRouted.type: self.note, events.RequestAccepted.type: self.note}
        self.inbox = Inbox(self.store, handlers, lambda key: Diary(id=key), expect_new=expect_new)

    def note(self, diary: Diary, event: Event, envelope: Envelope) -> None:
        """Change the record first and fail then, so that half a change would be seen."""
        diary.told.append(f"{envelope.source}/{envelope.seq}")
        if envelope.source == "requests" and envelope.seq in self.failing:
            raise self.failing[envelope.seq]
        diary.emit(events.RequestAnswered(citizen_id=CITIZEN), envelope.at)

    def told(self, subject: str = NUMBER) -> list[str]:
        """The events that the stored record has noted."""
        document = self.store.documents.get(subject)
        return [] if document is None else cast(list[str], document["told"])

    async def take(self, *deliveries: Delivery) -> list[str]:
        """The verdicts."""
        return [outcome.verdict for outcome in await self.inbox.take(deliveries)]


def a_filing(seq: int, subject: str = NUMBER) -> Delivery:
    """An event of requests."""
    return a_delivery(an_envelope(events.RequestConfirmed(citizen_id=CITIZEN), seq, subject=subject))


def done(seq: int) -> Delivery:
    """An event of routing about the same record."""
    return a_delivery(an_envelope(events.RequestAccepted(citizen_id=CITIZEN, department="power"), seq))


def broken(seq: int) -> Delivery:
    """An event whose body breaks its contract."""
    envelope = an_envelope(events.RequestConfirmed(citizen_id=CITIZEN), seq)
    return a_delivery(envelope.data.replace(b"citizen", b"cheese"), headers=envelope.headers())


ARRIVALS = st.integers(1, 5).flatmap(
    lambda count: st.tuples(
        st.permutations(range(1, count + 1)),
        st.lists(st.integers(1, count), max_size=6),
        st.lists(st.integers(0, 12), max_size=4),
    )
)


@given(ARRIVALS, st.booleans())
async def test_any_order_with_any_duplicates_is_the_fold_in_order(
    arrival: tuple[list[int], list[int], list[int]], expect_new: bool
) -> None:
    order, again, cuts = arrival
    desk = Desk(expect_new=expect_new)
    sequence = [a_filing(seq) for seq in [*order, *again]]
    start = 0
    for cut in [*sorted(cuts), len(sequence)]:
        batch = sequence[start : max(start, cut)]
        start = max(start, cut)
        assert await desk.take(*batch) == ["done"] * len(batch)
    count = len(order)
    assert desk.told() == [f"requests/{n}" for n in range(1, count + 1)]
    document = desk.store.documents[NUMBER]
    assert document["inbox"] == {"requests": count}
    assert not any(document["parked"].values())
    assert [entry["seq"] for entry in document["events"]] == list(range(1, count + 1))


@given(st.permutations([("a", n) for n in (1, 2, 3)] + [("b", n) for n in (1, 2, 3)]))
async def test_each_source_has_its_own_sequence(order: list[tuple[str, int]]) -> None:
    desk = Desk()
    for source, seq in order:
        await desk.take(a_filing(seq) if source == "a" else done(seq))
    for source in ("requests", "routing"):
        assert [entry for entry in desk.told() if entry.startswith(source)] == [f"{source}/{n}" for n in (1, 2, 3)]


async def test_a_batch_of_many_subjects_is_one_read_and_one_write() -> None:
    desk = Desk()
    batch = [a_filing(seq, f"RB-{n}") for seq in (1, 2) for n in range(50)]
    assert await desk.take(*batch) == ["done"] * 100
    assert desk.store.writes == 1
    assert all(desk.told(f"RB-{n}") == ["requests/1", "requests/2"] for n in range(50))


async def test_a_duplicate_writes_nothing() -> None:
    desk = Desk()
    await desk.take(a_filing(1))
    assert await desk.take(a_filing(1), a_filing(1)) == ["done", "done"]
    assert desk.store.writes == 1


async def test_later_events_wait_until_a_failing_event_is_applied() -> None:
    desk = Desk()
    assert await desk.take(a_filing(1), broken(2), a_filing(3), a_filing(4), a_filing(1, OTHER)) == [
        "done",
        "dead",
        *["done"] * 3,
    ]
    assert desk.told() == ["requests/1"]
    assert sorted(desk.store.documents[NUMBER]["parked"]["requests"]) == ["3", "4"]
    assert desk.told(OTHER) == ["requests/1"]
    assert await desk.take(a_filing(2)) == ["done"]
    assert desk.told() == [f"requests/{n}" for n in (1, 2, 3, 4)]


@pytest.mark.parametrize("order", [(2, 1, 3), (3, 2, 1), (2, 3, 1), (3, 1, 2)])
@pytest.mark.parametrize("together", [True, False])
async def test_failing_early_event_does_not_fail_its_neighbours(order: tuple[int, ...], together: bool) -> None:
    desk = Desk()
    batch = [broken(seq) if seq == 2 else a_filing(seq) for seq in order]
    if together:
        verdicts = await desk.take(*batch)
    else:
        verdicts = [verdict for one in batch for verdict in await desk.take(one)]
    assert dict(zip(order, verdicts, strict=True)) == {1: "done", 2: "dead", 3: "done"}
    assert desk.told() == ["requests/1"]
    await desk.take(a_filing(2))
    assert desk.told() == ["requests/1", "requests/2", "requests/3"]


async def test_an_effect_that_is_not_possible_yet_is_tried_again() -> None:
    desk = Desk()
    desk.failing[2] = NotYetError()
    outcomes = await desk.inbox.take([a_filing(1), a_filing(2), a_filing(3)])
    assert outcomes == [DONE, Outcome("retry", "NotYetError"), DONE]
    assert desk.told() == ["requests/1"]
    assert desk.store.documents[NUMBER]["seq"] == 1
    desk.failing.clear()
    assert await desk.take(a_filing(2)) == ["done"]
    assert desk.told() == ["requests/1", "requests/2", "requests/3"]


async def test_an_effect_of_a_parked_event_that_fails_is_tried_again_with_what_released_it() -> None:
    desk = Desk()
    desk.failing[2] = NotYetError()
    assert await desk.take(a_filing(2)) == ["done"]
    assert await desk.take(a_filing(1)) == ["retry"]
    assert desk.told() == []
    desk.failing.clear()
    assert await desk.take(a_filing(1)) == ["done"]
    assert desk.told() == ["requests/1", "requests/2"]


UNREADABLE = {
    "no headers": a_delivery(b"{}"),
    "not ours": a_delivery(an_envelope(events.RequestWithdrawn(citizen_id=CITIZEN))),
    "unknown": a_delivery(b"{}", headers=a_filing(1).headers | {"ce-type": "request.burnt.v1"}),
    "seq": a_delivery(b"{}", headers=a_filing(1).headers | {"ce-seq": "1"}),
    "body": a_delivery(b"", headers=a_filing(1).headers),
    "gzip": a_delivery(b"\x1f\x8b\x08", headers=a_filing(1).headers),
}


@pytest.mark.parametrize("delivery", UNREADABLE.values(), ids=UNREADABLE.keys())
async def test_malformed_message_is_dead_and_the_others_are_applied(delivery: Delivery) -> None:
    desk = Desk()
    outcomes = await desk.inbox.take([delivery, a_filing(1)])
    assert outcomes == [Outcome("dead", "MalformedEnvelopeError"), DONE]
    assert desk.told() == ["requests/1"]


async def test_seq_zero_is_a_duplicate() -> None:
    desk = Desk()
    assert await desk.take(a_filing(0)) == ["done"]
    assert desk.store.documents == {}


async def test_first_event_is_not_parked() -> None:
    desk = Desk()
    assert await desk.take(a_filing(MAX_AHEAD + 1), a_filing(2**40), a_filing(2**63 - 1)) == ["dead"] * 3
    assert desk.store.documents == {}
    assert await desk.take(a_filing(MAX_AHEAD)) == ["done"]


async def test_parking_is_bounded() -> None:
    desk = Desk()
    gap = [a_filing(seq) for seq in range(2, MAX_PARKED + 3)]
    verdicts = await desk.take(*gap)
    assert verdicts == ["done"] * MAX_PARKED + ["retry"]
    assert await desk.take(a_filing(1), a_filing(MAX_PARKED + 2)) == ["done", "done"]
    assert len(desk.told()) == MAX_PARKED + 2


async def test_lost_race_changes_nothing() -> None:
    desk, races = Desk(), 0

    def somebody_is_faster() -> None:
        nonlocal races
        if races < 3:
            races += 1
            desk.store.documents.setdefault(NUMBER, other_write())["rev"] += 1

    desk.store.before = somebody_is_faster
    assert await desk.take(a_filing(1), a_filing(2)) == ["done", "done"]
    assert races == 3
    assert desk.told() == ["requests/1", "requests/2"]
    assert [entry["seq"] for entry in desk.store.documents[NUMBER]["events"]] == [1, 2]


@pytest.mark.parametrize("expect_new", [True, False])
async def test_two_that_insert_at_once_both_count(expect_new: bool) -> None:
    desk = Desk(expect_new=expect_new)

    def the_other_replica() -> None:
        desk.store.before = lambda: None
        desk.store.documents[NUMBER] = other_write() | {
            "inbox": {"requests": 1},
            "told": ["requests/1"],
            "seq": 1,
            "events": [an_envelope(events.RequestAnswered(citizen_id=CITIZEN)).entry()],
        }

    desk.store.before = the_other_replica
    assert await desk.take(a_filing(1), a_filing(2)) == ["done", "done"]
    assert desk.told() == ["requests/1", "requests/2"]


async def test_endless_contention_is_tried_again_later() -> None:
    desk = Desk()
    await desk.take(a_filing(1))

    def always_faster() -> None:
        desk.store.documents[NUMBER]["rev"] += 1

    desk.store.before = always_faster
    assert await desk.inbox.take([a_filing(2)]) == [Outcome("retry", "Contended")]
    desk.store.before = lambda: None
    assert await desk.take(a_filing(2)) == ["done"]
    assert desk.told() == ["requests/1", "requests/2"]


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_write_without_an_answer_counts_once(when: str) -> None:
    desk = Desk()

    def away() -> None:
        setattr(desk.store, when, lambda: None)
        raise AwayError

    setattr(desk.store, when, away)
    with pytest.raises(AwayError):
        await desk.take(a_filing(1), a_filing(2))
    assert await desk.take(a_filing(1), a_filing(2)) == ["done", "done"]
    assert desk.told() == ["requests/1", "requests/2"]
    assert [entry["seq"] for entry in desk.store.documents[NUMBER]["events"]] == [1, 2]


def other_write() -> dict[str, object]:
    """A document that another replica wrote, without events."""
    return {"_id": NUMBER, "rev": 1, "seq": 0, "inbox": {}, "parked": {}, "told": [], "events": [], "sent": 0}


async def test_erased_event_counts_in_the_sequence_without_effect() -> None:
    desk = Desk()
    a_filing = an_envelope(events.RequestConfirmed(citizen_id=CITIZEN))
    first, second, third = (replace(a_filing, seq=seq) for seq in (1, 2, 3))
    assert await desk.take(a_delivery(replace(second, data=FORGOTTEN)), a_delivery(third)) == ["done", "done"]
    assert desk.told() == []
    assert await desk.take(a_delivery(first)) == ["done"]
    assert desk.told() == ["requests/1", "requests/3"]
    assert desk.store.documents[NUMBER]["inbox"] == {"requests": 3}
