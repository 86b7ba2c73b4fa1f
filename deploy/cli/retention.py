"""`rabta retention`: takes the person out of requests whose time is over."""

import os
import subprocess
import sys
from typing import Annotated

import typer

from deploy.cli.place import find_place
from deploy.local.home import ROOT

MODULE = "services.requests.retention"


def retention(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be anonymised.")] = False,
) -> None:
    """Anonymise requests that ended longer ago than their service keeps the person; says how many by service."""
    environment = {**os.environ, **find_place().environment, "PYTHONPATH": str(ROOT)}
    if "RABTA_MONGO_URL" not in environment:
        raise typer.BadParameter("nothing runs here: start it with ./rabta up, or set RABTA_MONGO_URL")
    command = [sys.executable, "-m", MODULE, *(["--dry-run"] if dry_run else [])]
    raise typer.Exit(subprocess.run(command, env=environment, cwd=ROOT, check=False).returncode)
