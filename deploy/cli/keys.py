"""`rabta keys rotate-data`, `keys reseal` and `keys forget-old` replace the data key while the suite runs."""

from typing import Annotated

import typer

from deploy.cli.place import find_place
from deploy.local.errors import LocalError
from deploy.local.home import default_home
from deploy.local.keys import forget_old_data_keys, load_keys, rotate_data_key

SERVICES = ("identity", "requests", "routing", "notifier")
keys = typer.Typer(no_args_is_help=True, help="The keys that seal personal data (docs/adr/0016) and sign tokens.")


@keys.command("rotate-data")
def rotate_data() -> None:
    """Create a new data key in the home folder; the previous one still opens. Restart, then reseal."""
    rotate_data_key(default_home())
    typer.echo(
        "A new data key is in place. Now: ./rabta down, ./rabta up, ./rabta keys reseal, ./rabta keys forget-old"
    )


@keys.command("rotate-signing")
def rotate_signing() -> None:
    """Create a new key for access tokens; the previous one verifies until its last token has expired."""
    raise typer.Exit(find_place().run("services.identity.operating", "rotate-signing"))


@keys.command()
def reseal(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count sealed values by key id.")] = False,
) -> None:
    """Reseal everything in all services' databases with the present key; can be interrupted and repeated."""
    if any(_reseal(service, dry_run) for service in SERVICES):
        raise typer.Exit(1)


@keys.command("forget-old")
def forget_old() -> None:
    """Remove the old data keys of the home folder, once no value is sealed with them."""
    if find_place().environment.get("RABTA_DATA_KEY") != load_keys(default_home()).data_key:
        raise LocalError("the suite does not seal with the new key yet: restart it with ./rabta down and ./rabta up")
    if any(_reseal(service, False) for service in SERVICES):
        raise LocalError("something is left that only an old key opens; the old keys stay")
    forget_old_data_keys(default_home())
    typer.echo("The old data keys are forgotten. Restart with ./rabta down and ./rabta up.")


def _reseal(service: str, dry_run: bool) -> int:
    command = ["services.requests.resealing"] if service == "requests" else ["shared.mongo.resealing", service]
    return find_place().run(*command, *(["--dry-run"] if dry_run else []))
