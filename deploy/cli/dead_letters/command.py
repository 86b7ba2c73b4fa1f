"""`rabta dead-letters list`, `show QUEUE` and `redrive QUEUE`."""

import asyncio
from collections import Counter
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from deploy.cli.dead_letters.letters import SUFFIX, dead_queues, may_be_read, read_letters, redrive, since
from deploy.cli.place import RunningSuite, find_place
from shared.bus.letters import Letter

MAX_LETTERS = 500
app = typer.Typer(no_args_is_help=True, add_completion=False, help="Messages that could not be handled.")
QueueName = Annotated[str, typer.Argument(help="The queue, with or without .dead at the end.")]


@app.command("list")
def list_queues() -> None:
    """List every queue of dead letters: number, oldest, and reasons."""
    console = Console()
    table = Table("queue", "letters", "oldest", "why")
    table.columns[0].no_wrap = True
    table.columns[3].overflow = "fold"
    for row in asyncio.run(_rows(find_place())):
        table.add_row(*row)
    console.print(table)


@app.command()
def show(
    queue: QueueName,
    most: Annotated[int, typer.Option("--most", "-n", min=1, help="How many.")] = 20,
) -> None:
    """Show letters without removing them from the queue; bodies about citizens are not shown."""
    console = Console(highlight=False)
    count, letters = asyncio.run(read_letters(find_place(), _dead(queue), most))
    for letter in letters:
        for line in describe(letter):
            console.print(line, markup=False, soft_wrap=True)
    console.print(f"{len(letters)} of {count} letters")


@app.command("redrive")
def redrive_queue(
    queue: QueueName,
    every: Annotated[bool, typer.Option("--all/--one", help="All of them, or the oldest one.")] = False,
) -> None:
    """Send letters back to their queue, one at a time, as if they arrived for the first time."""
    console = Console(highlight=False)
    moved = asyncio.run(_redrive(find_place(), _dead(queue), None if every else 1, console))
    console.print(f"{moved} moved to {_dead(queue).removesuffix(SUFFIX)}")


def describe(letter: Letter) -> list[str]:
    """A letter as lines: type, error, headers and body."""
    headers = [f"  {name}: {value}" for name, value in sorted(letter.headers.items()) if name != "x-death"]
    body = letter.body.decode(errors="replace") if may_be_read(letter) else "(not shown: it may be about a person)"
    first = f"{letter.type or 'unknown type'}  {letter.message_id}  {letter.error}"
    return [first, *headers, f"  since: {since(letter) or 'unknown'}", f"  body: {body}", ""]


async def _rows(place: RunningSuite) -> list[tuple[str, str, str, str]]:
    rows = []
    for queue in await dead_queues(place):
        count, letters = await read_letters(place, queue, MAX_LETTERS)
        oldest = min(filter(None, map(since, letters)), default="")
        why = Counter(letter.error for letter in letters)
        classes = ", ".join(f"{error} {times}" for error, times in why.most_common())
        rows.append((queue, str(count), oldest, classes + (" ..." if count > len(letters) else "")))
    return sorted(rows, key=lambda row: (row[1] == "0", row[0]))


async def _redrive(place: RunningSuite, queue: str, most: int | None, console: Console) -> int:
    moved = 0
    async for letter in redrive(place, queue, most):
        moved += 1
        console.print(f"{letter.type or 'unknown type'}  {letter.message_id}", markup=False)
    return moved


def _dead(queue: str) -> str:
    return queue if queue.endswith(SUFFIX) else queue + SUFFIX
