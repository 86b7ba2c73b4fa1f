"""A department's own software: takes requests from its queue, looks each one up, accepts it and resolves it.

README.md says what it needs from the environment. Copy it, and put your own work into `deal_with`.
"""

import asyncio
import json
import os
import time
from typing import Any

import aio_pika
import aiohttp
from aio_pika.abc import AbstractExchange, AbstractIncomingMessage
from yarl import URL

API = os.environ["RABTA_URL"].rstrip("/") + "/api/v1"
USER, SECRET = os.environ["RABTA_CLIENT_ID"], os.environ["RABTA_CLIENT_SECRET"]
BROKER = URL(os.environ["RABTA_BROKER_URL"]).with_user(USER).with_password(SECRET)
OURS = ("request.routed.v1", "request.reopened.v1", "request.resumed.v1")


class Department:
    """What the department's software holds: its HTTP session with a token, and where its actions go."""

    def __init__(self, http: aiohttp.ClientSession, actions: AbstractExchange) -> None:
        self.http, self.actions = http, actions
        self.token, self.token_ends = "", 0.0
        self.seen: set[str] = set()

    async def get(self, path: str) -> dict[str, Any] | None:
        """A GET with our token, patient while the portal is busy; None for what is not with our department."""
        while True:
            if time.monotonic() > self.token_ends:
                form = {"grant_type": "client_credentials", "client_id": USER, "client_secret": SECRET}
                async with self.http.post(f"{API}/oauth/token", data=form, raise_for_status=True) as answer:
                    granted = await answer.json()
                self.token, self.token_ends = granted["access_token"], time.monotonic() + granted["expires_in"] - 60
            async with self.http.get(API + path, headers={"Authorization": f"Bearer {self.token}"}) as answer:
                if answer.status not in (429, 503):
                    return None if answer.status == 404 else dict(await answer.json())
            await asyncio.sleep(1)

    async def act(self, event: str, number: str, action: str, **more: str) -> None:
        """Publish an action and wait for the broker's confirm; the id makes doing it again harmless."""
        body = json.dumps({"request": number, "action": action, **more}).encode()
        message = aio_pika.Message(body, user_id=USER, message_id=f"{event}/{action}", delivery_mode=2)
        await self.actions.publish(message, routing_key=USER, timeout=10)

    async def deal_with(self, event: str, number: str) -> None:
        """Your work: here everything is accepted and done. What we published takes effect a moment later."""
        shown = False
        while assignment := await self.get(f"/assignments/{number}"):
            request = await self.get(f"/requests/{number}")
            if request and not shown:
                print(number, request["service"], request["place"], request["answers"], flush=True)
                shown = True
            if shown and "resolve" in assignment["actions"]:
                await self.act(event, number, "resolve", outcome="granted", reply=f"Our crew has dealt with {number}.")
                return
            if shown and "accept" not in assignment["actions"]:
                return
            await self.act(event, number, "accept")
            await asyncio.sleep(0.2)

    async def receive(self, message: AbstractIncomingMessage) -> None:
        """One delivery: acknowledged when it was dealt with; the same event may come more than once."""
        async with message.process(requeue=True):
            event, kind, number = (str(message.headers.get(name, "")) for name in ("ce-id", "ce-type", "ce-subject"))
            if kind in OURS and event not in self.seen:
                await self.deal_with(event, number)
            elif kind not in OURS:  # request.closed.v1, or action.rejected.v1: what we asked for cannot be done
                print(kind, number, message.body.decode(), flush=True)
            self.seen.add(event)


async def main() -> None:
    """Consume until stopped; the connection comes back by itself."""
    async with await aio_pika.connect_robust(BROKER) as connection, aiohttp.ClientSession() as http:
        channel = await connection.channel()
        await channel.set_qos(prefetch_count=10)
        department = Department(http, await channel.declare_exchange("rabta.actions", passive=True))
        await (await channel.declare_queue(USER, passive=True)).consume(department.receive)
        print("listening on", USER, flush=True)
        await asyncio.Future()


if __name__ == "__main__":
    asyncio.run(main())
