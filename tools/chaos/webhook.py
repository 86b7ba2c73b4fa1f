"""A department's webhook for fault runs: its receiver, which can hold an answer back while the sender is killed."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tools.portal import Portal, until

PATH = "/api/v1/department/subscriptions"
PATIENCE = 90.0
"""Longer than a webhook stays leased to a process that was killed."""


@dataclass
class Hook:
    """A webhook with its receiver; `taken` are the numbers of all messages that were answered with 204, in order."""

    portal: Portal
    head: str
    subscription: dict[str, Any]
    taken: list[int] = field(default_factory=list)
    held: int | None = None
    _hold: bool = False
    _released: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, request: web.Request) -> web.Response:
        """Take a message; while one is to be held, wait until it is released and refuse it."""
        number = int((await request.json())["number"])
        if self._hold:
            self._hold, self.held = False, number
            await self._released.wait()
            return web.Response(status=503)
        self.taken.append(number)
        return web.Response(status=204)

    async def hold(self) -> None:
        """Return when a message is on its way: it was sent and is not answered."""
        self._hold = True

        async def look() -> bool | None:
            return self.held is not None or None

        await until(look, "a message to the webhook")

    def release(self) -> None:
        """Refuse the message that is held."""
        self._released.set()

    async def has_everything(self) -> int:
        """Return the number of the last message once nothing waits for the webhook."""

        async def look() -> int | None:
            path = f"{PATH}/{self.subscription['id']}"
            state = await self.portal.expect(200, "GET", path, token=self.head)
            return int(state["acked_up_to"]) if state["waiting"] == 0 else None

        return await until(look, "the webhook to have every message", PATIENCE)

    @property
    def in_order(self) -> list[int]:
        """The numbers in the order in which each was taken first."""
        return list(dict.fromkeys(self.taken))


@asynccontextmanager
async def webhook_of(portal: Portal, department: str) -> AsyncIterator[Hook]:
    """A new webhook of a department, and its receiver on loopback."""
    head = await portal.officer(department, "head")
    hook = Hook(portal, head, {})
    app = web.Application()
    app.router.add_post("/hook", hook.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    entry = {"name": f"Fault run {secrets.token_hex(3)}", "kind": "webhook", "url": url}
    hook.subscription = await portal.expect(201, "POST", PATH, token=head, json=entry)
    try:
        yield hook
    finally:
        hook.release()
        await runner.cleanup()
