"""The relay publishes every event, in order for each subject, despite crashes and an unreliable broker."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.requests.request.models.request import Request
from shared import events
from shared.bus import Message
from shared.confirmed import ConfirmedEvents
from shared.envelope import Envelope
from shared.outbox import MAX_IN_MEMORY, PUBLISH_BATCH, Relay, confirmed_prefix
from tests.builders import CITIZEN, a_request, an_envelope
from tests.fakes import AwayError, MemoryBus, MemoryStore, until


class Post:
    """A store and a bus with a relay between them."""

    def __init__(self, sweep_every: float = 0.001) -> None:
        self.store = MemoryStore(Request, lease=8, settle_after=120)
        self.bus = MemoryBus()
        self.troubles = 0
        self.sweep_every = sweep_every
        self.relay = self.new_relay()

    def new_relay(self) -> Relay:
        """A relay of a process that has just started."""
        relay = Relay(
            self.store,
            self.bus,
            sweep_every=self.sweep_every,
            outages=(AwayError,),
            stream="test",
            on_trouble=self.on_trouble,
        )
        self.store.on_emitted = relay.offer
        return relay

    def on_trouble(self) -> None:
        """Count."""
        self.troubles += 1

    async def write(self, number: str, count: int = 1) -> None:
        """Write a record with that many events, one write for each."""
        for _ in range(count):
            record = await self.store.get(number) or a_request(number)
            record.emit(events.RequestAnswered(citizen_id=CITIZEN), self.store.clock.now())
            assert not await self.store.save_many([record])

    @asynccontextmanager
    async def relaying(self) -> AsyncIterator[None]:
        """Run the relay while the context is open."""
        task = asyncio.create_task(self.relay.run())
        try:
            yield
        finally:
            self.relay.stop()
            await asyncio.wait_for(task, 5)

    def unsent(self) -> int:
        """How many records wait for the relay."""
        return sum("relay_after" in document for document in self.store.documents.values())

    def seqs(self, number: str) -> list[int]:
        """The seqs of a record's events in the order they were published."""
        return [int(key.rpartition("/")[2]) for key in self.bus.events if f"/{number}/" in key]


async def test_new_event_is_published_at_once_and_stored_as_sent() -> None:
    post = Post(sweep_every=60)
    async with post.relaying():
        await post.write("RB-1", 3)
        await until(lambda: post.unsent() == 0)
    assert post.seqs("RB-1") == [1, 2, 3]
    assert post.store.documents["RB-1"]["sent"] == 3
    assert post.relay.swept == 0


async def test_many_are_published_together() -> None:
    post = Post(sweep_every=60)
    for n in range(450):
        await post.write(f"RB-{n}")
    async with post.relaying():
        await until(lambda: post.unsent() == 0)
    assert len(post.bus.events) == 450
    assert PUBLISH_BATCH < 450


async def test_stop_publishes_what_was_offered() -> None:
    post = Post(sweep_every=60)
    task = asyncio.create_task(post.relay.run())
    await asyncio.sleep(0)
    await post.write("RB-1", 5)
    post.relay.stop()
    await asyncio.wait_for(task, 5)
    assert post.seqs("RB-1") == [1, 2, 3, 4, 5]
    assert post.unsent() == 0


async def test_stop_without_anything_to_do_returns() -> None:
    post = Post()
    async with post.relaying():
        pass
    assert post.bus.tried == []


async def test_a_crash_before_publishing_is_found_by_the_sweep_after_the_lease() -> None:
    post = Post()
    post.store.on_emitted = lambda _: None
    await post.write("RB-1", 2)
    async with post.relaying():
        await until_swept_twice(post)
        assert post.bus.events == []
        post.store.clock.advance(seconds=9)
        await until(lambda: post.unsent() == 0)
    assert post.seqs("RB-1") == [1, 2]
    assert post.relay.swept == 2


async def test_crash_before_storing_a_confirm_publishes_again_with_the_same_ids() -> None:
    post, failures = Post(sweep_every=60), 0

    def away() -> None:
        nonlocal failures
        failures += 1
        raise AwayError

    await post.write("RB-1", 2)
    post.store.before = away
    async with post.relaying():
        await until(lambda: failures == 1)
    assert post.seqs("RB-1") == [1, 2]
    post.store.before = lambda: None
    post.store.clock.advance(seconds=9)
    post.sweep_every = 0.001
    post.relay = post.new_relay()
    async with post.relaying():
        await until(lambda: post.unsent() == 0)
    assert post.seqs("RB-1") == [1, 2, 1, 2]


async def test_refused_event_is_published_again_by_the_sweep() -> None:
    post, refusals = Post(), 0

    def first_time(message: Message) -> bool:
        nonlocal refusals
        refusals += 1
        return refusals == 1

    post.bus.refuse = first_time
    async with post.relaying():
        await post.write("RB-1")
        await until(lambda: post.troubles == 1)
        assert post.unsent() == 1
        post.store.clock.advance(seconds=9)
        await until(lambda: post.unsent() == 0)
    assert set(post.seqs("RB-1")) == {1}


async def test_refused_event_is_retried_before_its_lease_ends() -> None:
    post, refusals = Post(sweep_every=0.01), []

    def first_time(message: Message) -> bool:
        refusals.append(message)
        return len(refusals) == 1

    post.bus.refuse = first_time
    async with post.relaying():
        await post.write("RB-1")
        await until(lambda: post.unsent() == 0)
    assert post.seqs("RB-1") == [1]


async def test_a_copy_for_a_queue_that_is_refused_is_not_confirmed() -> None:
    post = Post(sweep_every=60)
    record = a_request("RB-1")
    record.emit(events.RequestAnswered(citizen_id=CITIZEN), post.store.clock.now(), queue="department.power")
    post.bus.refuse = lambda message: message.key == "department.power"
    async with post.relaying():
        await post.store.insert_many([record])
        await until(lambda: post.troubles == 1)
    assert post.seqs("RB-1") == [1]
    assert post.store.documents["RB-1"]["sent"] == 0


async def test_an_event_in_doubt_is_published_again() -> None:
    post, answers = Post(), 0

    def first_answer_lost(message: Message) -> bool:
        nonlocal answers
        answers += 1
        return answers == 1

    post.bus.doubt = first_answer_lost
    async with post.relaying():
        await post.write("RB-1")
        await until(lambda: post.troubles == 1)
        post.store.clock.advance(seconds=9)
        await until(lambda: post.unsent() == 0)
    assert set(post.seqs("RB-1")) == {1}
    assert len(post.seqs("RB-1")) >= 2


async def test_an_earlier_event_that_failed_is_not_skipped_by_a_later_one() -> None:
    post = Post()
    post.bus.refuse = lambda message: message.message_id.endswith("/2")
    async with post.relaying():
        await post.write("RB-1", 4)
        await until(lambda: len(post.bus.tried) == 4)
        await until(lambda: post.store.documents["RB-1"]["sent"] == 1)
        post.bus.refuse = lambda _: False
        post.store.clock.advance(seconds=9)
        await until(lambda: post.unsent() == 0)
    assert post.seqs("RB-1")[-3:] == [2, 3, 4]


async def test_events_beyond_the_memory_limit_are_left_to_the_sweep() -> None:
    post = Post()
    await post.write("RB-1")
    post.relay = post.new_relay()
    post.relay.offer([an_envelope(events.RequestAnswered(citizen_id=CITIZEN), subject="RB-0")] * MAX_IN_MEMORY)
    post.store.documents["RB-0"] = {"_id": "RB-0", "seq": 1, "sent": 1, "events": []}
    await post.write("RB-2")
    async with post.relaying():
        await until(lambda: len(post.bus.tried) >= MAX_IN_MEMORY)
        assert post.seqs("RB-2") == []
        post.store.clock.advance(seconds=9)
        await until(lambda: post.unsent() == 0)
    assert post.seqs("RB-2") == [1]


async def test_any_error_of_the_store_leaves_the_relay_alive() -> None:
    post, errors = Post(), iter([RuntimeError("odd"), AwayError(), ValueError("odd")])

    def trouble() -> None:
        if (error := next(errors, None)) is not None:
            raise error

    await post.write("RB-1")
    post.store.before = trouble
    async with post.relaying():
        post.store.clock.advance(seconds=9)
        await until(lambda: post.unsent() == 0)
        await post.write("RB-2")
        await until(lambda: post.unsent() == 0)
    assert set(post.bus.events) == {"requests/RB-1/1", "requests/RB-2/1"}


CONFIRMS = st.lists(st.tuples(st.sampled_from(["a", "b", "c"]), st.booleans()), max_size=20)


@given(CONFIRMS)
def test_the_confirmed_prefix_never_reaches_past_a_failure(confirms: list[tuple[str, bool]]) -> None:
    seqs = {"a": 0, "b": 0, "c": 0}
    envelopes: list[Envelope] = []
    for subject, _ in confirms:
        seqs[subject] += 1
        envelopes.append(an_envelope(events.RequestAnswered(citizen_id=CITIZEN), seqs[subject], subject=subject))
    prefix = confirmed_prefix(envelopes, [safe for _, safe in confirms])
    for subject in seqs:
        safe = [safe for name, safe in confirms if name == subject]
        unbroken = safe.index(False) if False in safe else len(safe)
        assert prefix.get(subject) == ((1, unbroken) if unbroken else None)


def test_a_recent_confirm_is_noted_at_the_next_turn() -> None:
    confirmed = ConfirmedEvents()
    confirmed.add({"a": (1, 1)})
    assert confirmed.take_older() == {}
    confirmed.add({"a": (2, 2), "b": (1, 1)})
    assert confirmed.take_older() == {"a": (1, 2)}
    assert confirmed.take_older() == {"b": (1, 1)}
    assert confirmed.take_older() == confirmed.take_all() == {}


STEPS = st.lists(st.sampled_from(["write", "refuse", "doubt", "answer", "crash", "later"]), max_size=25)


@given(STEPS)
async def test_every_event_is_published_and_first_in_order(steps: list[str]) -> None:
    post = Post()
    post.store.on_emitted = lambda _: None
    troubles: Mapping[str, Callable[[Message], bool]] = {"yes": lambda _: True, "no": lambda _: False}
    for step in [*steps, "answer", "later"]:
        post.bus.refuse = troubles["yes" if step == "refuse" else "no"]
        post.bus.doubt = troubles["yes" if step == "doubt" else "no"]
        if step == "write":
            await post.write("RB-1")
        if step == "crash":
            post.relay = post.new_relay()
        if step == "later":
            post.store.clock.advance(seconds=9)
        await relay_once(post)
    published = post.seqs("RB-1")
    count = post.store.documents["RB-1"]["seq"] if published else 0
    first_times = [seq for place, seq in enumerate(published) if seq not in published[:place]]
    assert first_times == list(range(1, count + 1))
    assert post.unsent() == 0
    assert count == steps.count("write")


async def relay_once(post: Post) -> None:
    """One sweep, as a process does it."""
    while envelopes := await post.store.claim_unsent(100):
        confirmed: Sequence[bool] = await post.bus.publish_events(envelopes)
        await post.store.confirm_sent(confirmed_prefix(envelopes, confirmed))


async def until_swept_twice(post: Post) -> None:
    """Wait until the sweep has looked two more times."""
    looks = 0

    def look() -> None:
        nonlocal looks
        looks += 1

    post.store.before = look
    await until(lambda: looks >= 2)
    post.store.before = lambda: None


@pytest.mark.parametrize("count", [1, PUBLISH_BATCH, PUBLISH_BATCH + 1])
async def test_batches_end_where_they_should(count: int) -> None:
    post = Post(sweep_every=60)
    await post.write("RB-1", count)
    async with post.relaying():
        await until(lambda: post.unsent() == 0)
    assert post.seqs("RB-1") == list(range(1, count + 1))
