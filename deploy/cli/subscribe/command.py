"""`rabta subscribe DEPARTMENT`: shows the requests on a department's queue and lets a person answer."""

import asyncio
import sys
from collections.abc import Callable
from contextlib import closing
from typing import Annotated

import typer
from rich.console import Console

from deploy.cli.client import software
from deploy.cli.place import RunningSuite, find_place
from deploy.cli.queue import DepartmentQueue, Received
from deploy.cli.subscribe.card import TITLES, card
from deploy.cli.subscribe.clerks import Clerk, QuitError, StockReply, TerminalClerk
from deploy.cli.subscribe.inbox import DepartmentInbox, StoredEvent
from deploy.cli.subscribe.keyboard import EndOfInputError
from deploy.cli.subscribe.work import Work
from deploy.cli.transport import transport
from deploy.local.errors import LocalError

PREFETCH = 20
REJECTED = "action.rejected.v1"


def subscribe(
    department: Annotated[str, typer.Argument(help="Code of the department, e.g. water.")],
    auto: Annotated[bool, typer.Option("--auto", help="Stock replies, except where a photo is needed.")] = False,
) -> None:
    """Receive a department's requests from its queue; Ctrl-C ends it."""
    console = Console()
    if not auto and not sys.stdin.isatty():
        raise LocalError("no terminal: use --auto for stock replies")
    clerk: Clerk = StockReply(console) if auto else TerminalClerk(console)
    try:
        asyncio.run(_serve(find_place(), department, clerk, console))
    except* (QuitError, EndOfInputError):
        pass
    except* LocalError as errors:
        raise _first(errors) from None
    except* KeyboardInterrupt:
        console.print()
    console.print("stopped; unhandled requests are stored and come first next time")


async def _serve(place: RunningSuite, department: str, clerk: Clerk, console: Console) -> None:
    kept = place.book.department(department)
    if kept is None:
        known = ", ".join(sorted(entry["code"] for entry in place.book.departments())) or "none"
        raise LocalError(f"demo.json has no credentials of {department}, only of: {known}")
    queue = DepartmentQueue(place.broker_url(kept["user"], kept["password"]), kept["user"], prefetch=PREFETCH)
    async with transport(place.url) as http, asyncio.TaskGroup() as tasks:
        api = software(http, kept["user"], kept["password"])
        with closing(DepartmentInbox(place.home, department)) as inbox:
            desk = DeliveryKeeper(inbox, lambda event: Work(event, queue, api), clerk, console)
            tasks.create_task(queue.run(desk.receive))
            await queue.consuming.wait()
            console.print(f"listening on {kept['queue']}; Ctrl-C ends")
            await desk.work()


class DeliveryKeeper:
    """Stores each message and acknowledges it at once, because a person may take longer than the broker waits."""

    def __init__(
        self, inbox: DepartmentInbox, work_on: Callable[[StoredEvent], Work], clerk: Clerk, console: Console
    ) -> None:
        self._inbox = inbox
        self._work_on = work_on
        self._clerk = clerk
        self._console = console
        self._arrived = asyncio.Event()

    async def receive(self, received: Received) -> None:
        """Store a delivery."""
        self._inbox.keep(received)
        await received.ack()
        self._arrived.set()

    async def work(self) -> None:
        """Handle stored events until cancelled. Raises QuitError."""
        while True:
            for event in self._inbox.waiting():
                await _show(event, self._work_on(event), self._clerk, self._console)
                self._inbox.done(event.id)
            await self._arrived.wait()
            self._arrived.clear()


async def _show(event: StoredEvent, work: Work, clerk: Clerk, console: Console) -> None:
    if event.type == REJECTED:
        problem = event.body
        words = [problem.get("title", ""), *(f"{e['pointer']} {e['message']}" for e in problem.get("errors", []))]
        console.print(f"{problem.get('request')}: refused: {'; '.join(words)}", style="red", markup=False)
    elif event.type in TITLES:
        console.print(card(event, await work.details()))
        await clerk.handle(work)
    else:
        console.print(f"{event.subject}: {event.type}", markup=False)


def _first(errors: BaseExceptionGroup[LocalError]) -> LocalError:
    found: BaseException = errors
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    assert isinstance(found, LocalError)
    return found
