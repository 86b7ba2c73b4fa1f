"""How the queues of departments stand, and sending messages again in pieces."""

import math
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, cast

import pytest
from prometheus_client import REGISTRY

from services.routing.broker import QueueState
from services.routing.directory import Directory
from services.routing.feed import queues
from services.routing.feed.metrics import QueueMeter
from services.routing.feed.models import FeedMessage, feed_name
from services.routing.feed.queues import DepartmentQueues
from services.routing.feed.schemas import ReplayResult
from services.routing.feed.store import FeedStore
from services.routing.models.access import FurtherQueue
from services.routing.service.departments import DepartmentAdmin
from services.routing.store.departments import DepartmentStore
from shared.bus import Publisher
from shared.errors import NotFoundError, UnavailableError
from tests.fakes import START, FakeClock, MemoryBus
from tests.unit.routing.feed_in_memory import FeedInMemory
from tests.unit.routing.office import Office


def a_message(seq: int, feed: str = "power") -> FeedMessage:
    """A message of a feed."""
    return FeedMessage(feed, f"routing/RB-1/{seq}", "request.accepted.v1", "RB-1", seq, START, b"{}")


async def directory() -> Directory:
    """The departments; that of power has a test queue."""
    office = await Office().open()
    queue = FurtherQueue(department="power", name="trial", kind="test", made_at=START)
    office.departments.documents["power"]["queues"] = {"trial": queue.document()}
    await office.directory.refresh()
    return office.directory


async def filled(clock: FakeClock, feed: str, count: int) -> FeedInMemory:
    """A feed with a message each minute."""
    store = FeedInMemory(clock)
    for seq in range(1, count + 1):
        await store.append([a_message(seq, feed)])
        clock.advance(minutes=1)
    return store


def gauge(name: str, queue: str) -> float | None:
    """The value of a gauge."""
    kind = "test" if queue.endswith(".trial") else "production"
    return REGISTRY.get_sample_value(f"rabta_department_queue_{name}", {"queue": queue, "kind": kind})


async def test_waiting_messages_are_measured_with_their_age() -> None:
    clock, known = FakeClock(), await directory()
    store = await filled(clock, "power", 10)
    meter = QueueMeter(known, cast(FeedStore, store), clock)
    await meter.measure({"department.power": QueueState(1, 1, 2), "department.roads": QueueState(0, 0, 0)})
    assert (gauge("messages", "department.power"), gauge("oldest_seconds", "department.power")) == (3, 180)
    assert (gauge("messages", "department.roads"), gauge("oldest_seconds", "department.roads")) == (0, 0)
    waiting = gauge("messages", "department.power.trial")
    assert waiting is not None
    assert math.isnan(waiting)
    known.departments["power"].remove_queue("trial")
    await meter.measure({})
    assert gauge("messages", "department.power.trial") is None


async def test_a_test_queue_is_measured_by_the_feed_of_invented_messages() -> None:
    clock, known = FakeClock(), await directory()
    store = await filled(clock, feed_name("power", test=True), 2)
    meter = QueueMeter(known, cast(FeedStore, store), clock)
    await meter.measure({"department.power.trial": QueueState(2, 0, 0)})
    assert gauge("oldest_seconds", "department.power.trial") == 120


async def replaying(store: Any) -> Callable[..., Awaitable[ReplayResult]]:
    """The use case that sends messages of departments again."""
    office, nothing = await Office().open(), cast(Any, None)
    departments = cast(DepartmentStore, office.departments)
    admin = DepartmentAdmin(departments, office.directory, nothing)
    return DepartmentQueues(admin, cast(FeedStore, store)).replay


async def test_messages_are_sent_again_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queues, "BATCH", 3)
    monkeypatch.setattr(queues, "MAX_REPLAYED", 5)
    clock, bus = FakeClock(), MemoryBus()
    store = await filled(clock, "power", 10)
    again = partial(await replaying(store), cast(Publisher, bus))
    first = await again("power", None, 2, "head-1")
    assert first == {"queue": "department.power", "sent": 6, "upto": 8, "more": True}
    last = await again("power", None, first["upto"], "head-1")
    assert last == {"queue": "department.power", "sent": 2, "upto": 10, "more": False}
    assert [message.headers["ce-number"] for message in bus.to("department.power")] == list(range(3, 11))
    nothing = await again("power", None, clock.now(), "head-1")
    assert (nothing["sent"], nothing["more"]) == (0, False)
    for code, name in (("nobody", None), ("power", "nothing")):
        with pytest.raises(NotFoundError):
            await again(code, name, 0, "head-1")


async def test_a_replay_that_the_broker_did_not_take_is_refused() -> None:
    class Refusing(MemoryBus):
        """Confirms nothing."""

        async def publish(self, messages: Any) -> list[bool]:
            """Refuse all."""
            return [False] * len(messages)

    store = await filled(FakeClock(), "power", 1)
    with pytest.raises(UnavailableError):
        await (await replaying(store))(cast(Publisher, Refusing()), "power", None, 0, "head-1")
