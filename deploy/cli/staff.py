"""`rabta staff confirm|totp-reset|password-reset LOGIN`, `audit verify`: identity's own commands, on this suite."""

import os
import subprocess
import sys
from typing import Annotated

import typer

from deploy.cli.place import find_place
from deploy.local.errors import LocalError
from deploy.local.home import ROOT

staff = typer.Typer(no_args_is_help=True, help="Members of staff: what only an operator can do.")
audit = typer.Typer(no_args_is_help=True, help="The audit of what administrators and clerks did.")
Login = Annotated[str, typer.Argument(help="The login of the member of staff.")]
SECONDS = 60


@staff.command()
def confirm(login: Login) -> None:
    """Confirm somebody as an administrator, where there is no second administrator who could."""
    _run("confirm", login)


@staff.command("totp-reset")
def totp_reset(login: Login) -> None:
    """Take away the second factor of somebody whose phone is lost; all their sessions end."""
    _run("totp-reset", login)


@staff.command("password-reset")
def password_reset(login: Login) -> None:
    """Give a start password to somebody who has none, such as an administrator without a second factor."""
    _run("password-reset", login)


@audit.command()
def verify() -> None:
    """Prove that no entry of the audit was altered or deleted."""
    _run("audit-verify")


def _run(*arguments: str) -> None:
    environment = find_place().environment
    if "RABTA_MONGO_URL" not in environment:
        raise LocalError("nothing runs here (RABTA_MONGO_URL is not set): start it with ./rabta up")
    command = [sys.executable, "-m", "services.identity.operating", *arguments]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, timeout=SECONDS, check=False)
    if done.returncode:
        raise typer.Exit(done.returncode)
