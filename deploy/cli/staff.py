"""`rabta staff confirm|enable|totp-reset|password-reset LOGIN` and `audit verify`, which run in identity."""

from typing import Annotated

import typer

from deploy.cli.place import find_place

staff = typer.Typer(no_args_is_help=True, help="Members of staff: what only an operator can do.")
audit = typer.Typer(no_args_is_help=True, help="The audit of what administrators and clerks did.")
Login = Annotated[str, typer.Argument(help="The login of the member of staff.")]


@staff.command()
def confirm(login: Login) -> None:
    """Confirm an administrator, if no other administrator can."""
    _run("confirm", login)


@staff.command()
def enable(login: Login) -> None:
    """Enable a disabled account, if no administrator is left who can."""
    _run("enable", login)


@staff.command("totp-reset")
def totp_reset(login: Login) -> None:
    """Remove the second factor of a member whose phone is lost; all their sessions end."""
    _run("totp-reset", login)


@staff.command("password-reset")
def password_reset(login: Login) -> None:
    """Give a member a start password, for example an administrator without a second factor."""
    _run("password-reset", login)


@audit.command()
def verify() -> None:
    """Verify that no entry of the audit was altered or deleted."""
    _run("audit-verify")


def _run(*arguments: str) -> None:
    raise typer.Exit(find_place().run("services.identity.operating", *arguments))
