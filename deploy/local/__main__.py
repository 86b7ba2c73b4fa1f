"""The `rabta` command, run in its virtual environment."""

import sys

import typer

from deploy.cli.main import Commands
from deploy.cli.main import app as other_commands
from deploy.local.commands.develop import bench, chaos, check, fuzz, screenshots, test, timing
from deploy.local.commands.down import down
from deploy.local.commands.logs import logs
from deploy.local.commands.reset import reset
from deploy.local.commands.status import status
from deploy.local.commands.up import up
from deploy.local.errors import LocalError

PASS_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}

app = typer.Typer(
    name="rabta",
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    help="Citizen Relationship Management portal.",
)
for command in (up, down, status, logs, reset, check):
    app.command()(command)
for passing_on in (test, chaos, bench, fuzz, timing, screenshots):
    app.command(context_settings=PASS_ON)(passing_on)
app.add_typer(other_commands)


def main() -> None:
    """Run a command; an error is one line, with its own exit code."""
    try:
        app(prog_name="rabta")
    except LocalError as error:
        print(f"rabta: {error}", file=sys.stderr)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
