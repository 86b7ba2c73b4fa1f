"""`rabta subscribe`: how an event is shown, and what a clerk does with it."""

import json
from io import StringIO
from typing import Any, cast

from rich.console import Console

from deploy.cli.queue import DepartmentQueue, Received
from deploy.cli.subscribe.clerks import StockReply
from deploy.cli.subscribe.command import REJECTED, show
from deploy.cli.subscribe.work import Work, card
from shared.bus import Delivery, IncomingMessage

NUMBER, CODE = "RB-0000-0001-0", "boston-public-works"


class NotedQueue(DepartmentQueue):
    """A fake queue that records published actions."""

    def __init__(self) -> None:
        super().__init__("amqp://nowhere", f"department.{CODE}", prefetch=1)
        self.acts: list[tuple[str, str]] = []

    async def act(self, act_id: str, number: str, action: str, **more: str) -> None:
        """Note it."""
        self.acts.append((act_id, action))


class Unseen(Work):
    """A request without details."""

    def __init__(self, queue: NotedQueue, *actions: str, photo: bool = False) -> None:
        super().__init__(NUMBER, queue, cast(Any, None))
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


def received(kind: str, body: dict[str, Any]) -> Received:
    """A delivery about the request."""
    headers = {"ce-type": kind, "ce-id": f"routing/{NUMBER}/1", "ce-subject": NUMBER}
    message = IncomingMessage(7, False, "", "", headers, "m", None, json.dumps(body).encode())
    return Received(Delivery(message), 1.0, cast(Any, None))


def test_brackets_in_a_citizens_words_are_shown_as_they_were_written() -> None:
    words = "[/red] [link=https://evil.example]paid[/link]"
    told = {"place": {"district": "kohat"}, "respond_by": None, "due_at": None, "state": "routed"}
    screen = StringIO()
    console = Console(file=screen, width=120)
    console.print(card(received("request.routed.v1", {}), {**told, "answers": {"description": words}}))
    assert words in screen.getvalue()


async def test_a_routed_request_goes_to_the_clerk_and_a_refusal_is_only_shown() -> None:
    queue, screen = NotedQueue(), StringIO()
    console = Console(file=screen, width=200)
    clerk, work = StockReply(console), Unseen(queue, "accept", "resolve")
    refusal = {"request": NUMBER, "title": "Mend it", "errors": [{"pointer": "/reply", "message": "Write more."}]}
    await show(received(REJECTED, refusal), work, clerk, console)
    await show(received("request.closed.v1", {}), work, clerk, console)
    assert f"{NUMBER}: refused: Mend it; /reply Write more." in screen.getvalue()
    assert queue.acts == []

    await show(received("request.routed.v1", {}), work, clerk, console)
    assert [action for _, action in queue.acts] == ["accept", "resolve"]


async def test_equal_acts_have_ids_of_their_own_and_a_dispute_is_left_to_the_head() -> None:
    queue = NotedQueue()
    work = Work(NUMBER, queue, cast(Any, None))
    for _ in range(2):
        await work.act("progress", note="The crew is on its way.")
    assert len({act_id for act_id, _ in queue.acts}) == 2

    await StockReply(Console(file=StringIO())).handle(Unseen(queue, "ask", "progress"))
    assert len(queue.acts) == 2


async def test_a_request_that_needs_a_photo_is_accepted_and_left_open() -> None:
    queue, screen = NotedQueue(), StringIO()
    clerk = StockReply(Console(file=screen, width=200))
    await clerk.handle(Unseen(queue, "accept", "resolve", photo=True))
    assert [action for _, action in queue.acts] == ["accept"]
    assert f"{NUMBER}: accepted; left open, as a photo or document of the work is needed first" in screen.getvalue()
