"""A department's own software: stores what comes on its queue, acknowledges it, and then works on what it has stored.

README.md says what it needs from the environment. Copy it, and put your own work into `deal_with`.
"""

import asyncio
import contextlib
import json
import os
import sqlite3
import time
import uuid
from typing import Any

import aio_pika
import aiohttp
from aio_pika.abc import AbstractExchange, AbstractIncomingMessage
from yarl import URL

API = os.environ["RABTA_URL"].rstrip("/") + "/api/v1"
USER, SECRET = os.environ["RABTA_CLIENT_ID"], os.environ["RABTA_CLIENT_SECRET"]
QUEUE = os.environ.get("RABTA_QUEUE", ".".join(USER.split(".")[:2]))  # of department.water and department.water.2 alike
BROKER = URL(os.environ["RABTA_BROKER_URL"]).with_user(USER).with_password(SECRET)
INBOX = os.environ.get("RABTA_INBOX", "inbox.sqlite")
OURS = ("request.routed.v1", "request.reopened.v1", "request.resumed.v1")
MIN_PAUSE, MAX_PAUSE = 0.5, 60.0  # seconds between two tries


class Inbox:
    """The events that came, and our acts with their ids. Each method returns only when its change is on the disk."""

    def __init__(self, path: str) -> None:
        self.db = sqlite3.connect(path, isolation_level=None)
        self.db.execute("CREATE TABLE IF NOT EXISTS events (id PRIMARY KEY, kind, number, body, done DEFAULT 0)")
        self.db.execute("CREATE TABLE IF NOT EXISTS acts (event, step, id, body, PRIMARY KEY (event, step))")

    def keep(self, event: str, kind: str, number: str, body: str) -> None:
        """Store an event; one that is stored already changes nothing."""
        values = (event, kind, number, body)
        self.db.execute("INSERT OR IGNORE INTO events (id, kind, number, body) VALUES (?, ?, ?, ?)", values)

    def waiting(self) -> list[tuple[str, str, str, str]]:
        """The events that are not dealt with, oldest first."""
        return self.db.execute("SELECT id, kind, number, body FROM events WHERE NOT done ORDER BY rowid").fetchall()

    def done(self, event: str) -> None:
        """Note that an event is dealt with."""
        self.db.execute("UPDATE events SET done = 1 WHERE id = ?", (event,))

    def act(self, event: str, step: str, body: str) -> tuple[str, str]:
        """The id and body of an act: made once, so that it is the same act when it is sent again after a crash."""
        self.db.execute("INSERT OR IGNORE INTO acts VALUES (?, ?, ?, ?)", (event, step, str(uuid.uuid4()), body))
        found = self.db.execute("SELECT id, body FROM acts WHERE event = ? AND step = ?", (event, step))
        act_id, kept = found.fetchone()
        return act_id, kept


class Department:
    """What the department's software holds: its inbox, its HTTP session with a token, and where its actions go."""

    def __init__(self, inbox: Inbox, http: aiohttp.ClientSession, actions: AbstractExchange) -> None:
        self.inbox, self.http, self.actions = inbox, http, actions
        self.token, self.token_ends = "", 0.0
        self.arrived = asyncio.Event()

    async def get(self, path: str) -> dict[str, Any] | None:
        """A GET with our token; None where our department does not have the request."""
        if time.monotonic() > self.token_ends:
            form = {"grant_type": "client_credentials", "client_id": USER, "client_secret": SECRET}
            async with self.http.post(f"{API}/oauth/token", data=form, raise_for_status=True) as answer:
                granted = await answer.json()
            self.token, self.token_ends = granted["access_token"], time.monotonic() + granted["expires_in"] - 60
        async with self.http.get(API + path, headers={"Authorization": f"Bearer {self.token}"}) as answer:
            if answer.status == 404:
                return None
            answer.raise_for_status()
            return dict(await answer.json())

    async def act(self, event: str, number: str, action: str, step: str = "", **more: str) -> None:
        """Publish an action and wait for the broker's confirm. `step` tells apart acts that follow from one event."""
        body = json.dumps({"request": number, "action": action, **more})
        act_id, body = self.inbox.act(event, step or action, body)
        message = aio_pika.Message(body.encode(), user_id=USER, message_id=act_id, delivery_mode=2)
        await self.actions.publish(message, routing_key=QUEUE, timeout=10)

    async def deal_with(self, event: str, number: str) -> bool:
        """Your work, and whether it is done; until then it is called again, after a crash too.

        Here everything is accepted and resolved, except what a citizen has disputed: that is for the head to decide.
        """
        assignment = await self.get(f"/assignments/{number}")
        if assignment is None:
            print(number, "is not with us any more", flush=True)
            return True
        if assignment["for_head"]:
            print(number, "waits for the head of department, in the portal", flush=True)
            return True
        if "accept" in assignment["actions"]:
            await self.act(event, number, "accept")
            return False  # it takes effect a moment later
        if "resolve" in assignment["actions"]:
            request = await self.get(f"/requests/{number}")
            if request is None:
                return False
            print(number, request["service"], request["place"], request["answers"], flush=True)
            await self.act(event, number, "resolve", outcome="granted", reply=f"Our crew has dealt with {number}.")
        return True

    async def receive(self, message: AbstractIncomingMessage) -> None:
        """One delivery: stored, then acknowledged. The work may take as long as it likes; the broker does not wait."""
        event, kind, number = (str(message.headers.get(name, "")) for name in ("ce-id", "ce-type", "ce-subject"))
        pause = MIN_PAUSE
        while True:
            try:
                self.inbox.keep(event or str(message.message_id), kind, number, message.body.decode(errors="replace"))
                break
            except sqlite3.Error as error:  # the disk is full, perhaps: wait, and do not return it to the queue at once
                print("cannot store:", error, flush=True)
                await asyncio.sleep(pause)
                pause = min(pause * 2, MAX_PAUSE)
        await message.ack()
        self.arrived.set()

    async def work(self) -> None:
        """Work on what is stored, for ever. What fails is tried again, with growing pauses."""
        pause = MIN_PAUSE
        while True:
            failed = False
            for event, kind, number, body in self.inbox.waiting():
                try:
                    if kind not in OURS:  # request.closed.v1, or action.rejected.v1: what we asked for cannot be done
                        print(kind, number, body, flush=True)
                    elif not await self.deal_with(event, number):
                        continue
                    self.inbox.done(event)
                except Exception as error:  # other events must not wait for this one
                    print(number, "is tried again:", repr(error), flush=True)
                    failed = True
            pause = min(pause * 2, MAX_PAUSE) if failed else MIN_PAUSE
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.arrived.wait(), pause if self.inbox.waiting() else None)
            self.arrived.clear()


async def main() -> None:
    """Consume and work until stopped; the connection comes back by itself."""
    timeout = aiohttp.ClientTimeout(total=30)
    async with await aio_pika.connect_robust(BROKER) as connection, aiohttp.ClientSession(timeout=timeout) as http:
        channel = await connection.channel()
        await channel.set_qos(prefetch_count=100)
        department = Department(Inbox(INBOX), http, await channel.declare_exchange("rabta.actions", passive=True))
        await (await channel.declare_queue(QUEUE, passive=True)).consume(department.receive)
        print("listening on", QUEUE, flush=True)
        await department.work()


if __name__ == "__main__":
    asyncio.run(main())
