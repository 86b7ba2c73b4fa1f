"""`rabta department ...`: departments, their queues and passwords, and messages that are sent again.

The commands use the administrator's API, with the login in RABTA_ADMIN_LOGIN and RABTA_ADMIN_PASSWORD.
"""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from deploy.cli import client
from deploy.cli.client import SignedInAccount
from deploy.cli.place import RunningSuite, find_place
from deploy.cli.transport import transport
from deploy.local.errors import LocalError
from shared.yaml_file import read_yaml

PATH = "/admin/departments"
app = typer.Typer(no_args_is_help=True, help="Departments: access and queues of their software, messages sent again.")
Code = Annotated[str, typer.Argument(help="The department's code, such as water.")]
Queue = Annotated[str | None, typer.Option("--queue", help="A further queue; the department's own without it.")]


@app.command()
def show(code: Code) -> None:
    """Show the queues of a department: what waits, since when, dead letters."""
    standing = _ask("GET", f"{PATH}/{code}/queues")
    typer.echo(f"{code}: messages {standing['oldest']} to {standing['newest']} can be sent again")
    for queue in standing["queues"]:
        typer.echo("  ".join(_line(queue)))


@app.command()
def add(file: Annotated[Path, typer.Argument(help="A file like those in services/routing/departments.")]) -> None:
    """Make a department with its queue, and show its password this once."""
    _show(_ask("POST", PATH, read_yaml(file)))


@app.command()
def rotate(
    code: Code,
    queue: Queue = None,
    keep_old_hours: Annotated[int, typer.Option(help="For how many hours the old password stays valid too.")] = 0,
) -> None:
    """Give the software of a department a new password, and show it this once."""
    place = f"{PATH}/{code}/queues/{queue}" if queue else f"{PATH}/{code}"
    body = {"keep_old_hours": keep_old_hours} if keep_old_hours else {}
    _show(_ask("POST", f"{place}/credentials", body))


@app.command("add-queue")
def add_queue(
    code: Code,
    name: Annotated[str, typer.Argument(help="The new queue's name: department.<code>.<name>.")],
    test: Annotated[bool, typer.Option("--test", help="For a test system: invented messages only.")] = False,
) -> None:
    """Make a further queue with a user of its own, and show its password this once."""
    _show(_ask("POST", f"{PATH}/{code}/queues", {"name": name, "kind": "test" if test else "production"}))


@app.command("remove-queue")
def remove_queue(code: Code, name: Annotated[str, typer.Argument(help="The name of the further queue.")]) -> None:
    """Remove a further queue with its users, and with the messages in it."""
    _ask("DELETE", f"{PATH}/{code}/queues/{name}")
    typer.echo(f"department.{code}.{name} is removed")


@app.command()
def replay(
    code: Code,
    after: Annotated[int | None, typer.Option(help="The last number that is not to come again.")] = None,
    since: Annotated[str | None, typer.Option(help="From this time on, such as 2026-03-02T09:00:00Z.")] = None,
    queue: Queue = None,
) -> None:
    """Send messages of the last 30 days to a queue again: the same ids and numbers."""
    if (after is None) == (since is None):
        raise LocalError("say either --after NUMBER or --since TIME")
    start: dict[str, Any] = {"after": after} if since is None else {"since": since}
    sent = 0
    while True:
        done = _ask("POST", f"{PATH}/{code}/queues/replay", start | ({"queue": queue} if queue else {}))
        sent, start = sent + done["sent"], {"after": done["upto"]}
        if not done["more"]:
            break
    typer.echo(f"{done['queue']}: {sent} messages sent again")


@app.command()
def samples(code: Code) -> None:
    """Send one invented message of each type to the department's test queues."""
    sent = _ask("POST", f"{PATH}/{code}/queues/samples", {})
    queues = ", ".join(sent["queues"]) or "no queue: make one with add-queue --test"
    typer.echo(f"{sent['sent']} messages, numbers {sent['first']} to {sent['last']}, to {queues}")


def _line(queue: Mapping[str, Any]) -> list[str]:
    waiting = "unknown" if queue["messages"] is None else f"{queue['messages']} waiting"
    oldest = f"since {queue['oldest_at']}" if queue["oldest_at"] else ""
    dead = f"{queue['dead_letters']} dead letters" if queue["dead_letters"] else ""
    return [part for part in (queue["queue"], queue["kind"], waiting, oldest, dead) if part]


def _show(credentials: Mapping[str, Any]) -> None:
    """Print a new password. It is stored nowhere."""
    for name in ("queue", "user", "password", "old_until"):
        if credentials[name] is not None:
            typer.echo(f"{name:10} {credentials[name]}")


def _ask(method: str, path: str, body: Any = None) -> dict[str, Any]:
    return asyncio.run(_answer(find_place(), method, path, body))


async def _answer(place: RunningSuite, method: str, path: str, body: Any) -> dict[str, Any]:
    async with transport(place.url) as http:
        admin: SignedInAccount = client.person(http, *place.admin)
        return (await admin.ask(method, path, body=body)).body
