"""`rabta demo FILE`: replays a city's published requests."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from deploy.cli.demo.replay import replay
from deploy.cli.demo.report import show
from deploy.cli.demo.rows import read_file
from deploy.cli.place import find_place
from deploy.local.errors import LocalError


def demo(file: Annotated[Path, typer.Argument(help="A CSV file as a city published it.")]) -> None:
    """Replay a city's requests and check at both ends that none was lost or duplicated."""
    city_file = read_file(file)
    if not city_file.rows:
        raise LocalError(f"{file}: no row can be used: {[reason for _, reason in city_file.unusable[:3]]}")
    console = Console()
    with console.status("preparing") as status:
        done = asyncio.run(replay(find_place(), city_file, status.update))
    show(done, console)
    raise typer.Exit(0 if done.is_good else 1)
