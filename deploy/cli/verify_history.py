"""`rabta verify-history`: looks for requests that were altered or deleted directly in the database."""

from pathlib import Path
from typing import Annotated

import typer

from deploy.cli.place import find_place

MODULE = "services.requests.tamper_audit"


def verify_history(
    roots: Annotated[
        Path | None,
        typer.Option(
            help="Daily roots that you kept elsewhere: a saved rabta-roots.json.", exists=True, dir_okay=False
        ),
    ] = None,
) -> None:
    """Check the history of every request and every closed day; exits with 1 if there is a finding."""
    raise typer.Exit(find_place().run(MODULE, *(["--roots", str(roots.resolve())] if roots else [])))
