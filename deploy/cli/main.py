"""The commands that work on a running suite; `deploy.local` mounts this application."""

import typer

from deploy.cli.dead_letters.command import app as dead_letters
from deploy.cli.demo.command import demo
from deploy.cli.subscribe.command import subscribe

app = typer.Typer()
app.command()(demo)
app.command()(subscribe)
app.add_typer(dead_letters, name="dead-letters")
