"""A department's queue: which faults end a program that reads it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from deploy.cli import queue
from deploy.cli.queue import DepartmentQueue, QueueAwayError


class Broker:
    """A broker that is there for the first `good` connections, whose channels close at once, and then is away."""

    def __init__(self, good: int) -> None:
        self.good = good
        self.tries = 0
        self.enough = asyncio.Event()

    @asynccontextmanager
    async def connect(self, *_: object) -> AsyncIterator[Any]:
        """A connection with a closed channel."""
        self.tries += 1
        if self.tries > self.good + 2:
            self.enough.set()
        if self.tries > self.good:
            raise ConnectionError("away")
        closing: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        closing.set_result(None)
        channel = SimpleNamespace(
            closing=closing, on_consumer_cancel_callbacks=set(), basic_qos=_nothing, basic_consume=_nothing
        )
        yield SimpleNamespace(channel=channel)


async def _nothing(*_: object, **__: object) -> None:
    pass


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "FIRST_SECONDS", -1.0)
    monkeypatch.setattr(queue, "PAUSE", 0.0)


@pytest.mark.usefixtures("impatient")
async def test_a_queue_that_was_open_once_is_opened_again_however_long_the_broker_is_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    broker = Broker(good=1)
    monkeypatch.setattr(queue, "open_connection", broker.connect)
    running = asyncio.create_task(DepartmentQueue("amqp://nowhere", "department.works", prefetch=1).run(_nothing))
    await asyncio.wait([running, asyncio.create_task(broker.enough.wait())], return_when=asyncio.FIRST_COMPLETED)
    assert not running.done()
    running.cancel()


@pytest.mark.usefixtures("impatient")
async def test_a_queue_that_never_opened_ends_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "open_connection", Broker(good=0).connect)
    with pytest.raises(QueueAwayError):
        await DepartmentQueue("amqp://nowhere", "department.works", prefetch=1).run(_nothing)
