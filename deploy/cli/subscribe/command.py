"""`rabta subscribe DEPARTMENT`: shows the requests on a department's queue and lets a person answer."""

import asyncio
import sys
from typing import Annotated

import typer
from rich.console import Console

from deploy.cli.client import software
from deploy.cli.place import RunningSuite, find_place
from deploy.cli.queue import DepartmentQueue, Received
from deploy.cli.subscribe.clerks import Clerk, QuitError, StockReply, TerminalClerk
from deploy.cli.subscribe.work import TITLES, Work, card
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
    except* QuitError:
        pass
    except* LocalError as errors:
        raise _first(errors) from None
    except* KeyboardInterrupt:
        console.print()
    console.print("stopped; what was not handled stays on the queue")


async def _serve(place: RunningSuite, department: str, clerk: Clerk, console: Console) -> None:
    kept = place.book.department(department)
    if kept is None:
        known = ", ".join(sorted(entry["code"] for entry in place.book.departments())) or "none"
        raise LocalError(f"demo.json has no credentials of {department}, only of: {known}")
    queue = DepartmentQueue(place.broker_url(kept["user"], kept["password"]), kept["user"], prefetch=PREFETCH)
    async with transport(place.url) as http, asyncio.TaskGroup() as tasks:
        api = software(http, kept["user"], kept["password"])
        arrived: asyncio.Queue[Received] = asyncio.Queue()
        tasks.create_task(queue.run(arrived.put))
        await queue.consuming.wait()
        console.print(f"listening on {kept['queue']}; Ctrl-C ends")
        while True:
            received = await arrived.get()
            if not received.channel.is_closed:  # otherwise it is redelivered
                await show(received, Work(received.subject, queue, api), clerk, console)
                await received.ack()


async def show(received: Received, work: Work, clerk: Clerk, console: Console) -> None:
    """Show an event, and let the clerk answer it if it asks for work."""
    if received.type == REJECTED:
        problem = received.body
        words = [problem.get("title", ""), *(f"{e['pointer']} {e['message']}" for e in problem.get("errors", []))]
        console.print(f"{problem.get('request')}: refused: {'; '.join(words)}", style="red", markup=False)
    elif received.type in TITLES:
        console.print(card(received, await work.details()))
        await clerk.handle(work)
    else:
        console.print(f"{received.subject}: {received.type}", markup=False)


def _first(errors: BaseExceptionGroup[LocalError]) -> LocalError:
    found: BaseException = errors
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    assert isinstance(found, LocalError)
    return found
