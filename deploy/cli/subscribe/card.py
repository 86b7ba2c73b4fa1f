"""The view of a request on the department's terminal."""

from collections.abc import Mapping
from typing import Any

from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from deploy.cli.subscribe.inbox import StoredEvent

TITLES = {
    "request.routed.v1": "new",
    "request.reopened.v1": "open again, for the head of department to decide in the portal",
    "request.resumed.v1": "the citizen answered",
    "request.due_soon.v1": "due soon",
    "request.overdue.v1": "late: resolve it, or give the citizen a new date",
    "request.escalated.v1": "late and escalated",
}


def card(kept: StoredEvent, details: Mapping[str, Any] | None) -> Panel:
    """The event and the citizen's answers. Brackets in texts are not interpreted as markup."""
    event = kept.body
    lines = Table.grid(padding=(0, 2))
    lines.add_column(style="dim")
    lines.add_column(overflow="fold")
    if "service_name" in event:
        lines.add_row("service", Text(f"{event['service_name']['en']} ({event['kind']})"))
        lines.add_row("because", Text(event["because"]["en"]))
    if "reason" in event:
        lines.add_row("reason", Text(str(event["reason"])))
    for name, value in _told(details):
        lines.add_row(Text(name), Text(value))
    return Panel(lines, title=f"{kept.subject}  {TITLES.get(kept.type, kept.type)}", title_align="left")


def _told(details: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    if details is None:
        return [("details", "not with this department any more")]
    place = details["place"]
    lines = [
        ("district", place["district"]),
        ("address", place.get("address") or ""),
        ("respond by", details["respond_by"] or ""),
        ("due", details["due_at"] or ""),
        ("state", details["state"]),
        *((name, str(value)) for name, value in details["answers"].items()),
    ]
    return [(name, value) for name, value in lines if value]
