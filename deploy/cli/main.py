"""The application that holds these commands; `deploy.local` mounts it."""

import typer

app = typer.Typer()
