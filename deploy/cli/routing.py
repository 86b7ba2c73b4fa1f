"""`rabta routing`: tries routing rules on past requests before they are published, and imports areas."""

from pathlib import Path
from typing import Annotated

import typer

from deploy.cli.place import find_place

MODULE = "services.routing.rules"
File = Annotated[Path, typer.Argument(help="A GeoJSON file.", exists=True, dir_okay=False)]

routing = typer.Typer(no_args_is_help=True, help="Routing rules.")


@routing.command("try")
def try_rules(
    file: Annotated[
        Path | None, typer.Argument(help="A YAML file with rules; else the draft.", exists=True, dir_okay=False)
    ] = None,
    last: Annotated[int, typer.Option(help="How many of the latest requests.", min=1, max=100_000)] = 1000,
    csv: Annotated[
        Path | None, typer.Option(help="A table with requests instead of the latest ones.", exists=True, dir_okay=False)
    ] = None,
) -> None:
    """Print every request that would go to another department than under the rules in force; changes nothing.

    Exit code 2 if a file cannot be read.
    """
    files = [str(file.resolve())] if file else []
    table = ["--csv", str(csv.resolve())] if csv else []
    raise typer.Exit(find_place().run(MODULE, "try", *files, *table, "--last", str(last)))


@routing.command("areas")
def import_areas(file: File) -> None:
    """Import areas from a GeoJSON FeatureCollection; each feature has the properties code, en and ur."""
    raise typer.Exit(find_place().run(MODULE, "areas", str(file.resolve())))
