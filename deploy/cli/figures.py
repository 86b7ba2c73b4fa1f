"""`rabta figures`: makes the public figures anew from the requests themselves."""

import typer

from deploy.cli.place import find_place

MODULE = "services.routing.figures.rebuild"

figures = typer.Typer(help="The public figures of how departments keep their dates.", no_args_is_help=True)


@figures.callback()
def group() -> None:
    """The public figures of how departments keep their dates."""


@figures.command()
def rebuild() -> None:
    """Make all figures anew; those published can be read meanwhile."""
    raise typer.Exit(find_place().run(MODULE))
