"""The bytes of every place that a personal value could leak to: broker, metrics, files, writes of the database."""

import json
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import aiohttp
from bson.raw_bson import RawBSONDocument
from pymongo import MongoClient

from deploy.local.servers import Servers
from deploy.local.suite import Suite
from tools.containers import ContainedBroker

MAX_MESSAGES = 1000
HEARD = "canary"
"""The queue that gets every event."""


class Broker:
    """The broker's management API."""

    def __init__(self, servers: Servers) -> None:
        admin = urlsplit(servers.amqp_admin_url)
        self._auth = {"Authorization": aiohttp.encode_basic_auth(admin.username or "", admin.password or "")}
        self._base = f"{admin.scheme}://{admin.hostname}:{admin.port}/api"
        self._vhost = quote(unquote(urlsplit(servers.amqp_url).path.removeprefix("/")), safe="")

    @asynccontextmanager
    async def heard(self) -> AsyncIterator["Broker"]:
        """While the context is open, a queue gets every event."""
        await self._ask("PUT", f"queues/{self._vhost}/{HEARD}", {"durable": True, "auto_delete": False})
        await self._ask("POST", f"bindings/{self._vhost}/e/rabta.events/q/{HEARD}", {"routing_key": "#"})
        try:
            yield self
        finally:
            await self._ask("DELETE", f"queues/{self._vhost}/{HEARD}")

    async def publish(self, queue: str, headers: dict[str, str], text: str) -> None:
        """Put a message on a queue."""
        message = {"properties": {"message_id": HEARD, "headers": headers}, "routing_key": queue, "payload": text}
        path = f"exchanges/{self._vhost}/amq.default/publish"
        assert (await self._ask("POST", path, message | {"payload_encoding": "string"}))["routed"]

    async def messages(self) -> dict[str, bytes]:
        """Every message on every queue; the messages stay there."""
        ask = {"count": MAX_MESSAGES, "ackmode": "ack_requeue_true", "encoding": "auto"}
        found = {}
        for queue in await self._ask("GET", f"queues/{self._vhost}"):
            got = await self._ask("POST", f"queues/{self._vhost}/{quote(queue['name'], safe='')}/get", ask)
            found[f"queue {queue['name']}"] = json.dumps(got, ensure_ascii=False).encode()
        return found

    async def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        async with (
            aiohttp.ClientSession(headers=self._auth) as http,
            http.request(method, f"{self._base}/{path}", json=body) as answer,
        ):
            return await answer.json() if answer.status == 200 else None


async def metrics(suite: Suite) -> dict[str, bytes]:
    """The metrics of each process."""
    told = {}
    async with aiohttp.ClientSession() as http:
        for process in suite.processes:
            async with http.get(f"{suite.told_by(process.name)}/metrics") as answer:
                told[f"metrics of {process.name}"] = await answer.read()
    return told


def logs(home: Path) -> dict[str, bytes]:
    """The logs of all processes."""
    return {file.name: file.read_bytes() for file in home.rglob("*.log") if file.is_file()}


def broker_files(servers: Servers, home: Path) -> dict[str, bytes]:
    """The broker's files (in a container, its logs too), without unused space."""
    if isinstance(servers.broker, ContainedBroker):
        kept = servers.broker.files()
    else:
        files = (file for file in (home / "rabbitmq").rglob("*") if file.is_file())
        kept = {str(file.relative_to(home)): file.read_bytes() for file in files}
    return {name: content.replace(b"\0\0\0\0", b"") for name, content in kept.items()}


def remembered(mongo_url: str, since: datetime) -> dict[str, bytes]:
    """Every write since that time from the replication log, including values that were changed or deleted later."""
    written: defaultdict[str, list[bytes]] = defaultdict(list)
    with MongoClient(mongo_url, document_class=RawBSONDocument, tz_aware=True) as client:
        for entry in client["local"]["oplog.rs"].find({"wall": {"$gte": since}}):
            written[f"oplog of {entry['ns']}"].append(bytes(entry.raw))
    return {place: b"\n".join(writes) for place, writes in written.items()}
