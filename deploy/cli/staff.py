"""`rabta staff confirm|enable|totp-reset|password-reset LOGIN`, `audit verify`: identity's own commands."""

from typing import Annotated

import typer

from deploy.cli.place import find_place

staff = typer.Typer(no_args_is_help=True, help="Members of staff: what only an operator can do.")
audit = typer.Typer(no_args_is_help=True, help="The audit of what administrators and clerks did.")
Login = Annotated[str, typer.Argument(help="The login of the member of staff.")]


@staff.command()
def confirm(login: Login) -> None:
    """Confirm somebody as an administrator, where there is no second administrator who could."""
    _run("confirm", login)


@staff.command()
def enable(login: Login) -> None:
    """Enable somebody who was disabled, where there is no administrator left who could."""
    _run("enable", login)


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
    raise typer.Exit(find_place().run("services.identity.operating", *arguments))
