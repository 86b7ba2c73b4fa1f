"""The commands that work on a running suite; `deploy.local` mounts this application."""

import typer

from deploy.cli.demo.command import demo

app = typer.Typer()
app.command()(demo)
