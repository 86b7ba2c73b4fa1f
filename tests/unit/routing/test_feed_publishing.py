"""Events for a department get a number of its feed before they are published, and keep it."""

import asyncio
import json
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.routing.directory import Directory
from services.routing.feed.bodies import body_of
from services.routing.feed.models import FeedEntry, FeedMessage
from services.routing.feed.publishing import FeedPublisher
from services.routing.feed.store import FeedStore
from services.routing.models.access import FurtherQueue
from services.routing.models.directory import DepartmentRecord
from shared import events
from shared.bus import Publisher
from shared.changing import ContendedError
from shared.envelope import FORGOTTEN, Envelope
from shared.events import BY_TYPE, sealed_fields
from tests.builders import CITIZEN, NUMBER
from tests.cases import cases
from tests.fakes import START, AwayError, MemoryBus
from tests.unit.routing.feed_in_memory import FeedInMemory


class Relaying:
    """A publisher with a feed and a bus in memory."""

    def __init__(self, feed: FeedInMemory | None = None) -> None:
        self.bus, self.feed = MemoryBus(), feed or FeedInMemory()
        self.directory = Directory(cast(Any, None), cast(Any, None))
        self.directory.departments = {code: DepartmentRecord(id=code) for code in ("power", "roads")}
        self.publisher = FeedPublisher(cast(Publisher, self.bus), cast(FeedStore, self.feed), self.directory)

    def numbers(self, queue: str = "department.power") -> list[int]:
        """The numbers that arrived in a queue."""
        return [message.headers["ce-number"] for message in self.bus.to(queue)]


def an_event(seq: int, department: str | None = "power", number: str = NUMBER) -> Envelope:
    """An event for a department."""
    body = events.RequestAccepted(citizen_id=CITIZEN, department=department or "").model_dump_json().encode()
    queue = f"department.{department}" if department else None
    return Envelope("routing", events.RequestAccepted.type, number, seq, START, body, queue)


async def test_each_department_counts_its_own_messages() -> None:
    relaying = Relaying()
    sent = [an_event(1), an_event(2, None), an_event(3, "roads"), an_event(4)]
    assert await relaying.publisher.publish_events(sent) == [True] * 4
    assert (relaying.numbers(), relaying.numbers("department.roads")) == ([1, 2], [1])


async def test_an_event_that_is_published_again_has_the_same_message() -> None:
    relaying = Relaying()
    for _ in range(2):
        await relaying.publisher.publish_events([an_event(1), an_event(2)])
    sent = relaying.bus.to("department.power")
    assert sent[:2] == sent[2:]


async def test_an_event_that_could_not_be_numbered_is_not_published() -> None:
    relaying = Relaying()

    def overtaken() -> None:
        raise ContendedError

    relaying.feed.on_written = overtaken
    assert await relaying.publisher.publish_events([an_event(1)]) == [False]
    assert relaying.bus.tried == []


async def test_a_crash_between_number_and_publication_leaves_no_gap_and_no_second_number() -> None:
    relaying = Relaying()

    def die() -> None:
        raise AwayError

    relaying.feed.on_written = die
    assert await relaying.publisher.publish_events([an_event(1), an_event(2)]) == [False, False]
    assert relaying.numbers() == []
    relaying.feed.on_written = lambda: None
    after = Relaying(relaying.feed)
    await after.publisher.publish_events([an_event(3)])
    await after.publisher.publish_events([an_event(1), an_event(2), an_event(3)])
    assert after.numbers() == [3, 1, 2, 3]


@given(st.lists(st.lists(st.integers(1, 12), min_size=1, max_size=5), max_size=8))
def test_any_relays_at_once_number_without_a_gap(batches: list[list[int]]) -> None:
    async def run() -> FeedInMemory:
        feed = FeedInMemory()
        relays = [Relaying(feed).publisher for _ in batches]
        sent = ([an_event(seq) for seq in sorted(batch)] for batch in batches)
        await asyncio.gather(*(relay.publish_events(batch) for relay, batch in zip(relays, sent, strict=True)))
        return feed

    entries = asyncio.run(run()).feeds.get("power", [])
    assert [entry.number for entry in entries] == list(range(1, len(entries) + 1))
    assert (
        len({entry.message.event_id for entry in entries}) == len(entries) == len({n for one in batches for n in one})
    )


async def test_a_further_queue_gets_real_messages_and_a_test_queue_none() -> None:
    relaying = Relaying()
    power = relaying.directory.departments["power"]
    for name, kind in (("second", "production"), ("trial", "test")):
        power.keep_queue(FurtherQueue(department="power", name=name, kind=cast(Any, kind), made_at=START))
    await relaying.publisher.publish_events([an_event(1)])
    assert relaying.numbers("department.power.second") == [1]
    assert relaying.bus.to("department.power.trial") == []


@cases("feed, mark", [("power", None), ("power.test", "true")])
def test_an_invented_message_says_so(feed: str, mark: str | None) -> None:
    message = FeedMessage(feed, f"routing/{NUMBER}/1", events.RequestAccepted.type, NUMBER, 1, START, b"{}")
    entry = FeedEntry(message, 1, START)
    assert (entry.headers.get("ce-test"), entry.department) == (mark, "power")


async def test_an_event_without_its_body_goes_to_no_department() -> None:
    relaying = Relaying()
    bare = Envelope("routing", events.RequestAccepted.type, NUMBER, 1, START, FORGOTTEN, "department.power")
    assert await relaying.publisher.publish_events([bare]) == [True]
    assert relaying.numbers() == []


@pytest.mark.parametrize("event_type", sorted(kind for kind in BY_TYPE if BY_TYPE[kind].source == "routing"))
def test_a_department_gets_no_sealed_text(event_type: str) -> None:
    hidden = sealed_fields(BY_TYPE[event_type])
    data = json.dumps(dict.fromkeys([*hidden, "details"], "x")).encode()
    body = json.loads(body_of(event_type, NUMBER, data, "power"))
    assert body == {"details": "x"}


def test_a_department_gets_the_path_of_the_words() -> None:
    data = b'{"reason": "not_done", "words": "sealed"}'
    body = json.loads(body_of(events.RequestReopened.type, NUMBER, data, "power"))
    assert body == {"reason": "not_done", "details": f"/api/v1/requests/{NUMBER}"}


@cases("department, details", [("roads", f"/api/v1/parts/{NUMBER}/7"), ("power", f"/api/v1/requests/{NUMBER}")])
def test_a_department_that_does_a_part_gets_the_path_of_the_part(department: str, details: str) -> None:
    data = b'{"part": "7", "to": "roads", "state": "cancelled"}'
    assert json.loads(body_of(events.RequestPartChanged.type, NUMBER, data, department))["details"] == details


async def test_an_event_for_two_departments_has_a_number_in_both_feeds() -> None:
    relaying = Relaying()
    event = events.RequestPartChanged(citizen_id=CITIZEN, department="power", part="7", to="roads", state="done")
    data = event.model_dump_json().encode()
    both = Envelope("routing", event.type, NUMBER, 2, START, data, "department.power", "department.roads")
    assert await relaying.publisher.publish_events([an_event(1), both]) == [True, True]
    assert (relaying.numbers(), relaying.numbers("department.roads")) == ([1, 2], [1])
