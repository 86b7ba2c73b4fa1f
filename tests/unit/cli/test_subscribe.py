"""`rabta subscribe` stores and acknowledges each message before a person sees it, and handles it once."""

import asyncio
from io import StringIO
from pathlib import Path
from typing import Any, cast

from rich.console import Console

from deploy.cli.queue import DepartmentQueue, Received
from deploy.cli.subscribe.card import card
from deploy.cli.subscribe.clerks import StockReply
from deploy.cli.subscribe.command import DeliveryKeeper
from deploy.cli.subscribe.inbox import DepartmentInbox, StoredEvent
from deploy.cli.subscribe.work import Work
from tests.fakes import until
from tests.unit.cli.test_desk import EVENT, NUMBER, NotedChannel, NotedQueue, received

ROUTED, CLOSED = "request.routed.v1", "request.closed.v1"


class Thinking:
    """A person who takes long for each request."""

    def __init__(self) -> None:
        self.handled: list[str] = []
        self.decided = asyncio.Event()

    async def handle(self, work: Work) -> None:
        """Wait, then finish."""
        self.handled.append(work.number)
        await self.decided.wait()


class Unseen(Work):
    """A request without details."""

    def __init__(
        self,
        event: StoredEvent,
        actions: tuple[str, ...] = (),
        queue: DepartmentQueue | None = None,
        *,
        photo: bool = False,
    ) -> None:
        super().__init__(event, cast(DepartmentQueue, queue), cast(Any, None))
        self._actions, self._photo = actions, photo

    async def needs_photo(self) -> bool:
        """Whether a photo is needed."""
        return self._photo

    async def details(self) -> dict[str, Any] | None:
        """Nothing."""
        return None

    async def actions(self) -> list[str]:
        """The possible actions."""
        return list(self._actions)


def at_desk(home: Path, clerk: Thinking | StockReply) -> DeliveryKeeper:
    """A desk with an inbox in that folder."""
    return DeliveryKeeper(DepartmentInbox(home, "power"), Unseen, clerk, Console(file=StringIO()))


async def come(desk: DeliveryKeeper, one: Received, channel: NotedChannel) -> None:
    """Pass a delivery to the desk, which must acknowledge it at once."""
    await desk.receive(one)
    assert channel.acked.pop() == 7


async def test_a_person_may_think_for_longer_than_the_broker_waits(tmp_path: Path) -> None:
    clerk = Thinking()
    desk = at_desk(tmp_path, clerk)
    working = asyncio.create_task(desk.work())
    await come(desk, *received(ROUTED))
    await until(lambda: clerk.handled == [NUMBER])
    await come(desk, *received(ROUTED))  # the same event once more
    working.cancel()
    await asyncio.wait([working])

    clerk.decided.set()
    again = at_desk(tmp_path, clerk)  # the next time it is started
    working = asyncio.create_task(again.work())
    await until(lambda: DepartmentInbox(tmp_path, "power").waiting() == [])
    working.cancel()
    await asyncio.wait([working])
    assert clerk.handled == [NUMBER] * 2
    await come(again, *received(ROUTED))
    assert DepartmentInbox(tmp_path, "power").waiting() == []


async def test_bodies_that_are_not_text_are_kept_too(tmp_path: Path) -> None:
    one, _ = received(CLOSED)
    one.delivery.body = b"\xff"
    inbox = DepartmentInbox(tmp_path, "power")
    inbox.keep(one)
    assert [(kept.id, kept.type) for kept in inbox.waiting()] == [(EVENT, CLOSED)]


def test_brackets_in_a_citizens_words_are_shown_as_they_were_written() -> None:
    words = "[/red] [link=https://evil.example]paid[/link]"
    told = {"place": {"district": "kohat"}, "respond_by": None, "due_at": None, "state": "routed"}
    screen = StringIO()
    console = Console(file=screen, width=120)
    console.print(card(StoredEvent(EVENT, ROUTED, NUMBER, "{}"), {**told, "answers": {"description": words}}))
    assert words in screen.getvalue()


async def test_equal_acts_have_ids_of_their_own_and_a_dispute_is_left_to_the_head(tmp_path: Path) -> None:
    queue, event = NotedQueue(), StoredEvent(EVENT, ROUTED, NUMBER, "{}")
    work = Work(event, queue, cast(Any, None))
    for _ in range(2):
        await work.act("progress", note="The crew is on its way.")
    assert len({act_id for act_id, _ in queue.acts}) == 2

    disputed = Unseen(event, ("ask", "progress"), queue)
    await StockReply(Console(file=StringIO())).handle(disputed)
    assert len(queue.acts) == 2


async def test_a_request_that_needs_a_photo_is_accepted_and_left_open(tmp_path: Path) -> None:
    queue, event, screen = NotedQueue(), StoredEvent(EVENT, ROUTED, NUMBER, "{}"), StringIO()
    clerk = StockReply(Console(file=screen, width=200))
    await clerk.handle(Unseen(event, ("accept", "resolve"), queue, photo=True))
    assert [action for _, action in queue.acts] == ["accept"]
    assert f"{NUMBER}: accepted; left open, as a photo or document of the work is needed first" in screen.getvalue()
    await clerk.handle(Unseen(event, ("accept", "resolve"), queue))
    assert [action for _, action in queue.acts] == ["accept", "accept", "resolve"]
