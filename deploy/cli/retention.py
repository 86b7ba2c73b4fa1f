"""`rabta retention`: takes the person out of requests whose time is over."""

from typing import Annotated

import typer

from deploy.cli.place import find_place

MODULE = "services.requests.retention"


def retention(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be anonymised.")] = False,
) -> None:
    """Anonymise requests that ended longer ago than their service keeps the person; says how many by service."""
    raise typer.Exit(find_place().run(MODULE, *(["--dry-run"] if dry_run else [])))
