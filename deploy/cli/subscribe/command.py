"""`rabta subscribe DEPARTMENT`: shows what comes on a department's queue and lets somebody answer."""

import asyncio
import sys
from typing import Annotated

import typer
from rich.console import Console

from deploy.cli.client import software
from deploy.cli.place import Place, find_place
from deploy.cli.queue import DepartmentQueue, Received
from deploy.cli.subscribe.card import TITLES, card
from deploy.cli.subscribe.clerks import Clerk, Person, QuitError, StockReply
from deploy.cli.subscribe.keyboard import EndOfInputError
from deploy.cli.subscribe.work import Work
from deploy.cli.transport import transport
from deploy.local.errors import LocalError

PREFETCH = 20
REJECTED = "action.rejected.v1"


def subscribe(
    department: Annotated[str, typer.Argument(help="Code of the department, e.g. water.")],
    auto: Annotated[bool, typer.Option("--auto", help="Accept and resolve everything with a stock reply.")] = False,
) -> None:
    """Take a department's requests from its queue as they come; Ctrl-C ends it."""
    console = Console()
    if not auto and not sys.stdin.isatty():
        raise LocalError("this is no terminal to ask at: say --auto to have everything accepted and resolved")
    clerk: Clerk = StockReply(console) if auto else Person(console)
    try:
        asyncio.run(_serve(find_place(), department, clerk, console))
    except* (QuitError, EndOfInputError):
        pass
    except* LocalError as errors:
        raise _first(errors) from None
    except* KeyboardInterrupt:
        console.print()
    console.print("stopped; what was not dealt with stays on the queue")


async def _serve(place: Place, department: str, clerk: Clerk, console: Console) -> None:
    kept = place.book.department(department)
    if kept is None:
        known = ", ".join(sorted(entry["code"] for entry in place.book.departments())) or "none"
        raise LocalError(f"no credentials of {department} are in demo.json; there are those of: {known}")
    queue = DepartmentQueue(place.broker_url(kept["user"], kept["password"]), kept["user"], prefetch=PREFETCH)
    inbox: asyncio.Queue[Received] = asyncio.Queue()
    async with transport(place.url) as http, asyncio.TaskGroup() as tasks:
        api = software(http, kept["user"], kept["password"])
        tasks.create_task(queue.run(inbox.put))
        await queue.consuming.wait()
        console.print(f"listening on {kept['queue']}; Ctrl-C ends")
        seen: set[str] = set()
        while True:
            received = await inbox.get()
            if received.id not in seen:
                await _show(received, Work(received, queue, api), clerk, console)
                seen.add(received.id)
            await received.ack()


async def _show(received: Received, work: Work, clerk: Clerk, console: Console) -> None:
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
