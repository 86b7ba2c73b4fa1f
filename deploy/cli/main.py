"""The commands that work on a running suite; `deploy.local` mounts this application."""

import logging

import typer

from deploy.cli.dead_letters.command import app as dead_letters
from deploy.cli.demo.command import demo
from deploy.cli.keys import keys
from deploy.cli.message import message
from deploy.cli.retention import retention
from deploy.cli.staff import audit, staff
from deploy.cli.subscribe.command import subscribe
from deploy.cli.verify_history import verify_history
from deploy.cli.verify_receipt.command import verify_receipt

# These commands report an unavailable broker in one line, instead of the AMQP client's log lines.
for library in ("aiormq", "aio_pika"):
    logging.getLogger(library).addHandler(logging.NullHandler())

app = typer.Typer()
app.command()(demo)
app.command()(subscribe)
app.command()(retention)
app.command()(verify_receipt)
app.command()(verify_history)
app.add_typer(dead_letters, name="dead-letters")
app.add_typer(message, name="message")
app.add_typer(keys, name="keys")
app.add_typer(staff, name="staff")
app.add_typer(audit, name="audit")
