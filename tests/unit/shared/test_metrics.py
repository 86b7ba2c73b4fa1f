"""The metrics of deliveries, as Prometheus reads them."""

import math
from collections.abc import Callable
from typing import Any

import pytest
from prometheus_client import REGISTRY

import shared.bus.consumer
import shared.outbox
from shared.bus import Outcome
from shared.records import Backlog
from tests.fakes import AwayError, until
from tests.unit.shared.test_consumer import Desk, message
from tests.unit.shared.test_inbox import Desk as InboxDesk
from tests.unit.shared.test_inbox import a_filing
from tests.unit.shared.test_outbox import Post
from tests.unit.shared.town import STREAM, Town


def value(name: str, **labels: str) -> float:
    """The exported value; 0 if there is none yet."""
    return REGISTRY.get_sample_value(name, labels) or 0.0


def growth(name: str, **labels: str) -> Callable[[], float]:
    """How much a counter has grown since now."""
    before = value(name, **labels)
    return lambda: value(name, **labels) - before


async def test_the_outbox_tells_what_left_and_what_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared.outbox, "MEASURE_EVERY", 0.001)
    published = growth("rabta_events_published_total", stream="test")
    swept = growth("rabta_events_swept_total", stream="test")
    post = Post()
    post.bus.refuse = lambda _: True
    async with post.relaying():
        await post.write("RB-1", 2)
        await post.write("RB-2")
        post.store.clock.advance(seconds=30)
        await until(lambda: value("rabta_outbox_oldest_seconds", stream="test") == 30)
        assert value("rabta_outbox_records", stream="test") == 2
        assert published() == 0
        await until(lambda: swept() >= 3)
        post.bus.refuse = lambda _: False

        def nothing_waits_later() -> bool:
            post.store.clock.advance(seconds=9)
            return value("rabta_outbox_records", stream="test") == 0

        await until(nothing_waits_later)
        assert published() >= 3
        assert value("rabta_outbox_oldest_seconds", stream="test") == 0


async def test_backlog_is_unknown_while_the_store_is_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared.outbox, "MEASURE_EVERY", 0.001)
    post = Post()
    errors: list[Exception] = [AwayError(), ValueError("odd")]
    known: list[Any] = []

    async def backlog() -> Backlog:
        known.append(value("rabta_outbox_records", stream="test"))
        if errors:
            raise errors.pop()
        return Backlog(7, 1.5)

    monkeypatch.setattr(post.store, "backlog", backlog)
    async with post.relaying():
        await until(lambda: len(known) > 3)
    assert math.isnan(known[1])
    assert math.isnan(known[2])
    assert known[3] == 7


async def test_parked_event_is_counted_once() -> None:
    parked = growth("rabta_inbox_parked_total", source="requests")
    desk = InboxDesk()
    await desk.take(a_filing(3), a_filing(4))
    await desk.take(a_filing(3), a_filing(5))
    assert parked() == 3
    await desk.take(a_filing(1), a_filing(2))
    assert parked() == 3


async def test_dead_letters_and_retries_are_counted_by_queue_and_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk()
    monkeypatch.setattr(shared.bus.consumer, "open_connection", desk.open_connection)
    retried = growth("rabta_retries_total", queue="routing", error="NotYetKnownError")
    spent = growth("rabta_dead_letters_total", queue="routing", error="NotYetKnownError")
    desk.answer = lambda _: Outcome("retry", "NotYetKnownError")
    async with desk.running():
        await desk.deliver(message(1), message(2, attempt=1), message(3, attempt=3))
        await until(lambda: bool(desk.acks))
    assert (retried(), spent()) == (2, 1)
    assert desk.batches == [["message-1", "message-2", "message-3"]]


async def test_records_sent_again_by_settlement_are_counted_by_consumer() -> None:
    town = Town()
    labels = {"stream": STREAM, "consumer": "notifier"}
    assert REGISTRY.get_sample_value("rabta_settlement_driven_again_total", labels) is not None
    again = growth("rabta_settlement_driven_again_total", stream=STREAM, consumer="routing")
    await town.write("RB-1", 2)
    await town.relay()
    await town.settle()
    assert again() == 1
