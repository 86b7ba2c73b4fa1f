"""A client of RabbitMQ's management API: queues and users of departments."""

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

import aiohttp

from shared.bus.topology import ACTIONS, Queue

MANAGEMENT_ERRORS: tuple[type[BaseException], ...] = (aiohttp.ClientError, TimeoutError, OSError)
"""What a request to the management API raises when the broker cannot be reached or refuses."""


def password_hash(password: str) -> str:
    """RabbitMQ's own salted SHA-256 hash of a password (rabbit_password_hashing_sha256)."""
    salt = secrets.token_bytes(4)
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


COUNTS = ("messages_ready", "consumers", "messages_unacknowledged")


@dataclass(frozen=True)
class QueueState:
    """The counts of a queue, some seconds old; None for what the broker has not counted yet."""

    messages: int | None
    consumers: int | None
    unacknowledged: int | None = None

    @property
    def depth(self) -> int:
        """The messages that nobody has acknowledged yet, delivered or not."""
        return (self.messages or 0) + (self.unacknowledged or 0)


class BrokerAdmin:
    """The management API of one virtual host. Raises aiohttp.ClientError when it cannot be reached or refuses."""

    def __init__(self, url: str, vhost: str) -> None:
        parts = urlsplit(url)
        self._base = f"{parts.scheme}://{parts.hostname}:{parts.port}/api"
        credentials = aiohttp.encode_basic_auth(unquote(parts.username or ""), unquote(parts.password or ""))
        self._auth = {"Authorization": credentials}
        self._vhost = quote(vhost, safe="")

    async def queues(self, http: aiohttp.ClientSession) -> dict[str, QueueState]:
        """The existing queues, by name."""
        columns = f"columns=name,{','.join(COUNTS)}"
        async with http.get(f"{self._base}/queues/{self._vhost}?{columns}", headers=self._auth) as answer:
            answer.raise_for_status()
            found = await answer.json()
        return {queue["name"]: QueueState(*(queue.get(count) for count in COUNTS)) for queue in found}

    async def users(self, http: aiohttp.ClientSession) -> dict[str, str]:
        """The password hashes of the existing users, by name."""
        async with http.get(f"{self._base}/users", headers=self._auth) as answer:
            answer.raise_for_status()
            return {user["name"]: user.get("password_hash", "") for user in await answer.json()}

    async def make_queue(self, http: aiohttp.ClientSession, queue: Queue) -> None:
        """Declare a durable queue."""
        body = {"durable": True, "auto_delete": False, "arguments": queue.arguments}
        await self._put(http, f"queues/{self._vhost}/{quote(queue.name, safe='')}", body)

    async def make_user(self, http: aiohttp.ClientSession, name: str, queue: str, hashed: str) -> None:
        """Create a user that may read its department's queue and write its department's actions, and nothing else."""
        user = quote(name, safe="")
        own = queue.replace(".", "\\.").replace("-", "\\-")
        await self._put(http, f"users/{user}", {"password_hash": hashed, "tags": ""})
        # The topic permission comes first: a user without any may write every routing key.
        keys = {"exchange": ACTIONS, "write": f"^{own}$", "read": "^$"}
        await self._put(http, f"topic-permissions/{self._vhost}/{user}", keys)
        rights = {"configure": "^$", "write": f"^{ACTIONS.replace('.', chr(92) + '.')}$", "read": f"^{own}$"}
        await self._put(http, f"permissions/{self._vhost}/{user}", rights)

    async def remove_user(self, http: aiohttp.ClientSession, name: str) -> None:
        """Remove a user if it exists; the broker closes its connections."""
        await self._delete(http, f"users/{quote(name, safe='')}")

    async def remove_queue(self, http: aiohttp.ClientSession, name: str) -> None:
        """Remove a queue with its messages, if it exists."""
        await self._delete(http, f"queues/{self._vhost}/{quote(name, safe='')}")

    async def _delete(self, http: aiohttp.ClientSession, path: str) -> None:
        async with http.delete(f"{self._base}/{path}", headers=self._auth) as answer:
            if answer.status != 404:
                answer.raise_for_status()

    async def _put(self, http: aiohttp.ClientSession, path: str, body: Mapping[str, object]) -> None:
        async with http.put(f"{self._base}/{path}", json=body, headers=self._auth) as answer:
            answer.raise_for_status()
