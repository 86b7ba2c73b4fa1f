"""A department in the demo: its actions for a request that the city closed, and when it repeats them."""

import json
from typing import Any, cast

import pytest

from deploy.cli.demo import desk as desk_module
from deploy.cli.demo.city import City
from deploy.cli.demo.desk import REJECTED, ROUTED, TRIES, DemoSubscriber
from deploy.cli.demo.ledger import FiledRow, Ledger
from deploy.cli.demo.mapping import choose_mapping
from deploy.cli.demo.rows import Row, read_row
from deploy.cli.queue import DepartmentQueue, Received
from shared.bus import Delivery, IncomingMessage
from tests.unit.cli.city_files import BOSTON, boston_row

NUMBER, CODE, EVENT = "RB-0000-0001-0", "boston-public-works", "routing/RB-0000-0001-0/1"


class NotedQueue(DepartmentQueue):
    """A fake queue that records published actions."""

    def __init__(self) -> None:
        super().__init__("amqp://nowhere", f"department.{CODE}", prefetch=1)
        self.acts: list[tuple[str, str]] = []

    async def act(self, act_id: str, number: str, action: str, **more: str) -> None:
        """Note it."""
        self.acts.append((act_id, action))


class NotedChannel:
    """A fake channel that records acknowledgements."""

    is_closed = False

    def __init__(self) -> None:
        self.acked: list[int] = []

    async def basic_ack(self, tag: int, *, wait: bool) -> None:
        """Note it."""
        self.acked.append(tag)


def received(kind: str, body: dict[str, Any] | None = None) -> tuple[Received, NotedChannel]:
    """A delivery about the request, and its channel."""
    headers = {"ce-type": kind, "ce-id": EVENT, "ce-subject": NUMBER}
    message = IncomingMessage(7, False, "", "", headers, "m", None, json.dumps(body or {}).encode())
    channel = NotedChannel()
    return Received(Delivery(message), 1.0, cast(Any, channel)), channel


def row(**more: str) -> Row:
    """A row of Boston."""
    cells = boston_row(1, **more)
    return read_row(1, BOSTON, [cells.get(column, " ") for column in BOSTON], choose_mapping(BOSTON))


def at_desk(one: Row) -> tuple[DemoSubscriber, NotedQueue, Ledger]:
    """A desk with one filed request."""
    queue, ledger = NotedQueue(), Ledger()
    ledger.file(FiledRow(one, NUMBER, "verifying", at=0.5, before=False))
    return DemoSubscriber(CODE, queue, City(choose_mapping(BOSTON), [one]), ledger), queue, ledger


async def take(desk: DemoSubscriber, one: Received) -> None:
    """Pass a delivery to the desk, like its queue."""

    async def once(receive: Any) -> None:
        await receive(one)

    desk.queue.run = once  # type: ignore[method-assign]
    await desk.run()


async def test_a_row_closed_by_the_city_is_accepted_resolved_and_acknowledged() -> None:
    desk, queue, ledger = at_desk(row())
    routed, channel = received(ROUTED)

    await take(desk, routed)

    assert queue.acts == [(f"{EVENT}/accept", "accept"), (f"{EVENT}/resolve/1", "resolve")]
    assert channel.acked == [7]
    assert ledger.waits() == [0.5]


async def test_an_open_row_stays_open() -> None:
    desk, queue, _ = at_desk(row(case_status="Open"))
    routed, channel = received(ROUTED)

    await take(desk, routed)

    assert (queue.acts, channel.acked) == ([], [7])


async def test_an_answer_that_overtook_its_acceptance_is_tried_again_a_bounded_number_of_times(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(desk_module, "RETRY_SECONDS", 0.0)
    desk, queue, ledger = at_desk(row())
    for refused in (f"{EVENT}/resolve/1", f"{EVENT}/resolve/{TRIES}", f"{EVENT}/accept"):
        await take(desk, received(REJECTED, {"request": NUMBER, "action": refused, "status": 409})[0])

    assert queue.acts == [(f"{EVENT}/resolve/2", "resolve")]
    assert ledger.objections == []


async def test_another_refusal_is_told() -> None:
    desk, queue, ledger = at_desk(row())
    refusal = {"request": NUMBER, "action": f"{EVENT}/resolve/1", "status": 422, "title": "Mend it"}

    await take(desk, received(REJECTED, refusal)[0])

    assert queue.acts == []
    assert ledger.objections == [f"{NUMBER}: {EVENT}/resolve/1 was refused: Mend it"]


async def test_a_reminder_sends_the_same_ids_and_only_for_what_is_here() -> None:
    desk, queue, ledger = at_desk(row())
    filed = ledger.filed[NUMBER]
    await desk.remind(filed)
    assert queue.acts == []

    ledger.arrive(NUMBER, CODE, EVENT, 1.0)
    await desk.remind(filed)
    await desk.remind(filed)
    assert queue.acts == [(f"{EVENT}/accept", "accept"), (f"{EVENT}/resolve/1", "resolve")] * 2
