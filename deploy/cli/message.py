"""`rabta message`: tests the providers of SMS and email."""

from typing import Annotated, Literal

import typer

from deploy.cli.place import find_place

MODULE = "services.notifier.trial"

message = typer.Typer(no_args_is_help=True, help="Messages to citizens.")


@message.command("test")
def send_test(
    to: Annotated[list[str], typer.Option(help="A mobile, such as +923001234567, or an email address; repeatable.")],
    language: Annotated[Literal["en", "ur", "both"], typer.Option(help="The language.")] = "both",
    wait: Annotated[float, typer.Option(help="Seconds for asking the provider about it.")] = 10.0,
) -> None:
    """Send a test message through each configured provider, including backups; prints results and advice.

    Exit code 1 if a provider did not accept it.
    """
    addresses = [part for address in to for part in ("--to", address)]
    raise typer.Exit(find_place().run(MODULE, *addresses, "--language", language, "--wait", str(wait)))
