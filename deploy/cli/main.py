"""The commands that work on a running suite; `deploy.local` mounts this application."""

import logging
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

from deploy.cli.keys import keys
from deploy.cli.programs import add_programs

LATER = {
    "demo": ("deploy.cli.demo.command", "demo"),
    "subscribe": ("deploy.cli.subscribe.command", "subscribe"),
    "department": ("deploy.cli.department", "app"),
    "dead-letters": ("deploy.cli.dead_letters.command", "app"),
    "verify-receipt": ("deploy.cli.verify_receipt.command", "verify_receipt"),
}
"""Commands by module and name. They need libraries that take half a second to import."""

# These commands report an unavailable broker in one line, instead of the AMQP client's log lines.
for library in ("aiormq", "aio_pika"):
    logging.getLogger(library).addHandler(logging.NullHandler())


class Commands(TyperGroup):
    """A group that imports the commands of LATER only when they are run or listed."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The names of all commands."""
        return [*super().list_commands(ctx), *LATER]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """A command by its name."""
        return _imported(cmd_name) if cmd_name in LATER else super().get_command(ctx, cmd_name)


def _imported(name: str) -> Any:
    module, attribute = LATER[name]
    found = getattr(import_module(module), attribute)
    if not isinstance(found, typer.Typer):
        function, found = found, typer.Typer(add_completion=False)
        found.command(name)(function)
    command = typer.main.get_command(found)
    command.name = name
    return command


app = typer.Typer(cls=Commands)
app.add_typer(keys, name="keys")
add_programs(app)
