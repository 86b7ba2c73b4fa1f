"""`rabta verify-history`: looks for requests that were altered, cut or deleted behind the service's back."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from deploy.cli.place import find_place
from deploy.local.home import ROOT

MODULE = "services.requests.verifying"


def verify_history(
    roots: Annotated[
        Path | None,
        typer.Option(
            help="Daily roots that you kept elsewhere: a saved rabta-roots.json.", exists=True, dir_okay=False
        ),
    ] = None,
) -> None:
    """Check the history of every request and every closed day; ends with 1 when something was changed."""
    environment = {**os.environ, **find_place().environment, "PYTHONPATH": str(ROOT)}
    if "RABTA_MONGO_URL" not in environment:
        raise typer.BadParameter("nothing runs here: start it with ./rabta up, or set RABTA_MONGO_URL")
    command = [sys.executable, "-m", MODULE, *(["--roots", str(roots.resolve())] if roots else [])]
    raise typer.Exit(subprocess.run(command, env=environment, cwd=ROOT, check=False).returncode)
