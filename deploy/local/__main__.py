"""The `rabta` command, run in its virtual environment."""

import sys

import typer

from deploy.cli.main import Commands
from deploy.cli.main import app as other_commands
from deploy.cli.programs import PASS_ON
from deploy.local.commands.develop import TOOLS, check, running_tool, test
from deploy.local.commands.down import down
from deploy.local.commands.logs import logs
from deploy.local.commands.reset import reset
from deploy.local.commands.status import status
from deploy.local.commands.up import up
from deploy.local.errors import LocalError

app = typer.Typer(
    name="rabta",
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    help="Citizen Relationship Management portal.",
)
for command in (up, down, status, logs, reset, check):
    app.command()(command)
app.command(context_settings=PASS_ON)(test)
for name, (module, words) in TOOLS.items():
    app.command(name, help=words, context_settings=PASS_ON)(running_tool(module))
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
