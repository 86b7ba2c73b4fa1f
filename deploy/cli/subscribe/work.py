"""A request from the queue: how it is shown, its details, fetched as the department's software, and its actions."""

import asyncio
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from deploy.cli.client import SignedInAccount
from deploy.cli.queue import DepartmentQueue, Received
from deploy.cli.transport import ApiError

SECONDS = 15.0
PAUSE = 0.2
TITLES = {
    "request.routed.v1": "new",
    "request.reopened.v1": "open again, for the head of department to decide in the portal",
    "request.resumed.v1": "the citizen answered",
    "request.due_soon.v1": "due soon",
    "request.overdue.v1": "late: resolve it, or give the citizen a new date",
    "request.escalated.v1": "late and escalated",
}


@dataclass
class Work:
    """A request of a department. Actions use the queue's connection, details HTTP."""

    number: str
    queue: DepartmentQueue
    api: SignedInAccount

    async def details(self) -> dict[str, Any] | None:
        """The citizen's answers; None if the department may not see them (any more).

        Waits if the message arrived before the details.
        """
        end = time.monotonic() + SECONDS
        while True:
            try:
                return await self.api.request(self.number)
            except ApiError as error:
                if error.status != 404:
                    raise
                if time.monotonic() > end or not await self.actions():
                    return None
            await asyncio.sleep(PAUSE)

    async def actions(self) -> list[str]:
        """The possible actions now; none if another department has the request."""
        found: list[str] = (await self._assignment()).get("actions", [])
        return found

    async def needs_photo(self) -> bool:
        """Whether its service wants a photo or document of the work before the request is resolved."""
        return bool((await self._assignment()).get("evidence_wanted"))

    async def _assignment(self) -> dict[str, Any]:
        """The assignment; empty if another department has the request."""
        try:
            found: dict[str, Any] = (await self.api.assignment(self.number)).body
        except ApiError as error:
            if error.status != 404:
                raise
            return {}
        return found

    async def until_possible(self, action: str) -> bool:
        """Wait until the action is possible; False after some seconds. Published actions take effect with a delay."""
        end = time.monotonic() + SECONDS
        while action not in await self.actions():
            if time.monotonic() > end:
                return False
            await asyncio.sleep(PAUSE)
        return True

    async def act(self, action: str, **more: str) -> None:
        """Publish an action with a new id until the broker confirms it."""
        await self.queue.act(str(uuid.uuid4()), self.number, action, **more)


def card(received: Received, details: Mapping[str, Any] | None) -> Panel:
    """The event and the citizen's answers. Brackets in texts are not interpreted as markup."""
    event = received.body
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
    return Panel(lines, title=f"{received.subject}  {TITLES.get(received.type, received.type)}", title_align="left")


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
