"""The broker's side of departments: a queue, a user, and permissions for no more than its own, for each.

Made through RabbitMQ's management API, and looked after for as long as routing runs: a broker that came back empty
gets all of it again, and what its queues had held goes out again.
"""

import asyncio
import base64
import hashlib
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from urllib.parse import quote, unquote, urlsplit

import aiohttp
import structlog

from services.routing.directory import Directory
from services.routing.models.directory import Department
from services.routing.store import AssignmentStore
from shared.bus.topology import ACTIONS, Queue, department_queue, letters_of
from shared.mongo import OUTAGES

TIMEOUT = aiohttp.ClientTimeout(total=10)
AGAIN_AT_ONCE = 500
TROUBLE: tuple[type[BaseException], ...] = (aiohttp.ClientError, TimeoutError, OSError)

log = structlog.get_logger(__name__)


def password_hash(password: str) -> str:
    """RabbitMQ's own salted SHA-256 hash of a password (rabbit_password_hashing_sha256)."""
    salt = secrets.token_bytes(4)
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


class Broker:
    """What we ask of the management API. Raises aiohttp.ClientError when it is away or refuses."""

    def __init__(self, url: str, vhost: str) -> None:
        parts = urlsplit(url)
        self._base = f"{parts.scheme}://{parts.hostname}:{parts.port}/api"
        who = aiohttp.encode_basic_auth(unquote(parts.username or ""), unquote(parts.password or ""))
        self._auth = {"Authorization": who}
        self._vhost = quote(vhost, safe="")

    async def queues(self, http: aiohttp.ClientSession) -> set[str]:
        """The names of the queues that are there."""
        async with http.get(f"{self._base}/queues/{self._vhost}?columns=name", headers=self._auth) as answer:
            answer.raise_for_status()
            return {queue["name"] for queue in await answer.json()}

    async def users(self, http: aiohttp.ClientSession) -> dict[str, str]:
        """The password hashes of the users that are there, by name."""
        async with http.get(f"{self._base}/users", headers=self._auth) as answer:
            answer.raise_for_status()
            return {user["name"]: user.get("password_hash", "") for user in await answer.json()}

    async def make_queue(self, http: aiohttp.ClientSession, queue: Queue) -> None:
        """Declare a durable queue."""
        body = {"durable": True, "auto_delete": False, "arguments": queue.arguments}
        await self._put(http, f"queues/{self._vhost}/{quote(queue.name, safe='')}", body)

    async def make_user(self, http: aiohttp.ClientSession, name: str, hashed: str) -> None:
        """Make a user that may read its own queue and write its own actions, and nothing else."""
        user = quote(name, safe="")
        own = name.replace(".", "\\.").replace("-", "\\-")
        await self._put(http, f"users/{user}", {"password_hash": hashed, "tags": ""})
        rights = {"configure": "^$", "write": f"^{ACTIONS.replace('.', chr(92) + '.')}$", "read": f"^{own}$"}
        await self._put(http, f"permissions/{self._vhost}/{user}", rights)
        keys = {"exchange": ACTIONS, "write": f"^{own}$", "read": "^$"}
        await self._put(http, f"topic-permissions/{self._vhost}/{user}", keys)

    async def _put(self, http: aiohttp.ClientSession, path: str, body: Mapping[str, object]) -> None:
        async with http.put(f"{self._base}/{path}", json=body, headers=self._auth) as answer:
            answer.raise_for_status()


class Provisioning:
    """Keeps the broker in step with the departments."""

    def __init__(self, broker: Broker, directory: Directory, assignments: AssignmentStore) -> None:
        self._broker = broker
        self._directory = directory
        self._assignments = assignments
        self._now = asyncio.Event()
        self.ready = False

    def look(self) -> None:
        """Look at once: a publish found no queue."""
        self._now.set()

    async def run(self, every: float) -> None:
        """Look every so many seconds, until cancelled."""
        while True:
            try:
                await self.ensure(list(self._directory.departments.values()))
                self.ready = True
            except (*TROUBLE, *OUTAGES) as error:
                log.warning("provisioning.away", error=type(error).__name__)
                await asyncio.sleep(0.5)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._now.wait(), every)
            self._now.clear()

    async def ensure(self, departments: Sequence[Department]) -> None:
        """Make what is missing for these departments; send again what a lost queue had held."""
        async with aiohttp.ClientSession(timeout=TIMEOUT) as http:
            queues, users = await self._broker.queues(http), await self._broker.users(http)
            for department in departments:
                queue = department_queue(department.id)
                if users.get(queue.name) != department.broker_password_hash:
                    await self._broker.make_user(http, queue.name, department.broker_password_hash)
                if queue.name not in queues:
                    await self._broker.make_queue(http, letters_of(queue.name))
                    await self._broker.make_queue(http, queue)
                    log.info("department.queue_made", department=department.id)
                    await self._send_again(department)

    async def _send_again(self, department: Department) -> None:
        """Its queue is new: what it may have held, and nobody has acted upon, goes out again with the same ids."""
        numbers = await self._assignments.unanswered(department.id, limit=1_000_000)
        for start in range(0, len(numbers), AGAIN_AT_ONCE):
            await self._assignments.relay_again(numbers[start : start + AGAIN_AT_ONCE])
        if numbers:
            log.warning("department.sent_again", department=department.id, assignments=len(numbers))
