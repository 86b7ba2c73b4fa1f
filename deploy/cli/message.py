"""`rabta message`: tries the providers that carry our SMS and email."""

from typing import Annotated, Literal

import typer

from deploy.cli.place import find_place

MODULE = "services.notifier.trial"

message = typer.Typer(no_args_is_help=True, help="Messages to citizens.")


@message.command("test")
def send_test(
    to: Annotated[list[str], typer.Option(help="A mobile, such as +923001234567, or an email address; repeatable.")],
    language: Annotated[Literal["en", "ur", "both"], typer.Option(help="In which language.")] = "both",
    wait: Annotated[float, typer.Option(help="Seconds in which to ask the provider what became of it.")] = 10.0,
) -> None:
    """Send a test message by each provider that is set, the backup too; says how each ended, and what to do.

    Exit code 1 when a provider did not take it.
    """
    addresses = [part for address in to for part in ("--to", address)]
    raise typer.Exit(find_place().run(MODULE, *addresses, "--language", language, "--wait", str(wait)))
