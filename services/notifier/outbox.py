"""The developer's outbox as a page: messages as a handset would show them, newest first."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape
from itertools import groupby
from pathlib import Path

from services.notifier.reading import masked
from services.notifier.templates import PAKISTAN, day

STYLE = Path(__file__).parent / "pages" / "outbox.css"
REFRESH = 5


def page(messages: Sequence[Mapping[str, str]]) -> str:
    """The whole page. Everything that came from outside is escaped."""
    days = groupby(messages, key=lambda message: local(message).date())
    body = "".join(one_day([*group]) for _, group in days) or '<p class="none">No message was sent yet.</p>'
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="{REFRESH}">
<meta name="robots" content="noindex">
<title>Outbox · Rabta demo</title>
<link rel="stylesheet" href="/dev/outbox/outbox.css">
</head>
<body>
<header><h1>Outbox</h1>
<p>Every SMS and email that this demo would have sent, newest first. Looks again every {REFRESH} seconds.
<a href="?format=json">As JSON</a></p></header>
<main>{body}</main>
</body>
</html>
"""


def one_day(messages: Sequence[Mapping[str, str]]) -> str:
    """The messages of one day under its date."""
    return f"<h2>{day(local(messages[0]), 'en')}</h2>" + "".join(map(one, messages))


def one(message: Mapping[str, str]) -> str:
    """One message as a bubble."""
    urdu = message["language"] == "ur"
    attributes = 'lang="ur" dir="rtl"' if urdu else 'lang="en" dir="ltr"'
    at = local(message)
    return (
        f'<article><p class="words" {attributes}>{escape(message["words"])}</p>'
        f"<footer><span>To {escape(masked(message['to']))}</span>"
        f'<time datetime="{at.isoformat()}">{at:%H:%M:%S}</time></footer></article>'
    )


def local(message: Mapping[str, str]) -> datetime:
    """When it was sent, in Pakistan's time."""
    return datetime.fromisoformat(message["at"]).astimezone(PAKISTAN)
