"""Callbacks of the stand-in gateway: receipts, and SMS that people send.

Each call has the fields of the presets `twilio` and `form`, and is signed as Twilio does.
"""

import asyncio
import base64
import contextlib
import hashlib
import hmac
import random
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import aiohttp

from tools.gateways.ledger import Taken

STEP = 0.05
"""Seconds between two receipts of one message."""


class Manner(StrEnum):
    """How the receipts of a message are sent."""

    ONCE = "once"
    TWICE = "twice"
    LATE = "late"
    OUT_OF_ORDER = "out-of-order"
    NEVER = "never"
    FAILED = "failed"


STEPS: Mapping[Manner, Sequence[str]] = {
    Manner.ONCE: ("sent", "delivered"),
    Manner.TWICE: ("sent", "delivered", "delivered"),
    Manner.LATE: ("delivered",),
    Manner.OUT_OF_ORDER: ("delivered", "sent"),
    Manner.NEVER: (),
    Manner.FAILED: ("sent", "undelivered"),
}


def manners_of(text: str) -> list[tuple[Manner, float]]:
    """Parse manners and their shares: `once`, `once=0.9,twice=0.1`. Raises ValueError."""
    parts = [each.strip().partition("=") for each in text.split(",")]
    return [(Manner(name), float(share or 1)) for name, _, share in parts]


@dataclass
class Receipts:
    """Sends receipts, signed with `secret`. A late one waits `late` seconds, or until it is released."""

    account: str
    secret: str
    manners: Sequence[tuple[Manner, float]] = ((Manner.ONCE, 1.0),)
    late: float = 30.0
    seed: int = 1
    note: Callable[[str], object] = print
    """Called with the response to each callback: `called 204`, or `called 0` for no response."""
    _http: aiohttp.ClientSession | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _released: asyncio.Event = field(default_factory=asyncio.Event)

    def promise(self, message: Taken, url: str) -> None:
        """Send the receipts of a message when they are due."""
        names = [manner for manner, _ in self.manners]
        drawn = random.Random(f"{self.seed} receipt {message.key}")
        [manner] = drawn.choices(names, [share for _, share in self.manners])
        task = asyncio.create_task(self._tell(message, url, manner))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def release(self) -> None:
        """Send late receipts now."""
        self._released.set()
        self._released = asyncio.Event()

    async def inbound(self, sender: str, to: str, words: str, url: str, name: str | None = None) -> int:
        """Deliver an inbound SMS; returns the status of the response."""
        id_ = name or f"SM{secrets.token_hex(16)}"
        as_form = {"id": id_, "from": sender, "message": words}
        return await self._post(url, {"MessageSid": id_, "From": sender, "To": to, "Body": words, **as_form})

    async def close(self) -> None:
        """Send no more callbacks."""
        for task in self._tasks:
            task.cancel()
        if self._http is not None:
            await self._http.close()

    async def _tell(self, message: Taken, url: str, manner: Manner) -> None:
        if manner is Manner.LATE:
            released = self._released
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(released.wait(), self.late)
        for status in STEPS[manner]:
            await asyncio.sleep(STEP)
            if message.state != "delivered":
                message.state = status
            said = {"MessageSid": message.id, "MessageStatus": status, "To": message.to, "From": message.sender}
            said |= {"ref": message.reference, "id": message.id, "status": status, "to": message.to.lstrip("+")}
            if status == "undelivered":
                said["ErrorCode"] = "30003"
            await self._post(url, said)

    async def _post(self, url: str, fields: dict[str, str]) -> int:
        whole = {"AccountSid": self.account, "ApiVersion": "2010-04-01", **fields}
        if self._http is None:
            self._http = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10))
        headers = {"X-Twilio-Signature": signature(self.secret, url, whole)}
        try:
            async with self._http.post(url, data=whole, headers=headers, allow_redirects=False) as answer:
                status = answer.status
        except (aiohttp.ClientError, TimeoutError):
            status = 0
        self.note(f"called {status}")
        return status


def signature(secret: str, url: str, fields: Mapping[str, str]) -> str:
    """Twilio's signature: HMAC-SHA1 of the address and of all fields by name, each name followed by its value."""
    signed = url + "".join(name + fields[name] for name in sorted(fields))
    return base64.b64encode(hmac.digest(secret.encode(), signed.encode(), hashlib.sha1)).decode()
