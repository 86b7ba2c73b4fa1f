"""The commands that work on a running suite; `deploy.local` mounts this application."""

import logging
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

from deploy.cli.figures import figures
from deploy.cli.keys import keys
from deploy.cli.message import message
from deploy.cli.retention import retention
from deploy.cli.routing import routing
from deploy.cli.staff import audit, staff
from deploy.cli.verify_history import verify_history

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
app.command()(retention)
app.command()(verify_history)
app.add_typer(message, name="message")
app.add_typer(keys, name="keys")
app.add_typer(figures, name="figures")
app.add_typer(staff, name="staff")
app.add_typer(audit, name="audit")
app.add_typer(routing, name="routing")
