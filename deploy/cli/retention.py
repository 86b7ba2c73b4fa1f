"""`rabta retention`: anonymises requests whose retention time has passed."""

from typing import Annotated

import typer

from deploy.cli.place import find_place

MODULE = "services.requests.retention"


def retention(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be anonymised.")] = False,
) -> None:
    """Anonymise requests whose retention time has passed; prints their number by service."""
    raise typer.Exit(find_place().run(MODULE, *(["--dry-run"] if dry_run else [])))
