"""A steady load of filings, by clients that retry with the same Idempotency-Key until they are answered."""

import asyncio
import itertools
import json
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from tools.filings import FILINGS
from tools.portal import Citizen, Portal

ATTEMPT_TIMEOUT = aiohttp.ClientTimeout(total=8)


@dataclass
class Load:
    """What was sent and what was acknowledged: `acknowledged` maps the number of each 201 to its citizen."""

    portal: Portal
    citizens: list[Citizen]
    rate: float
    sent: int = 0
    retries: int = 0
    acknowledged: dict[str, str] = field(default_factory=dict)
    by_key: dict[str, set[str]] = field(default_factory=dict)
    unexpected: list[str] = field(default_factory=list)
    stopping: bool = False
    _tokens_at: float = field(default_factory=time.monotonic)

    async def run(self) -> None:
        """Send `rate` filings a second until `stopping`, then wait for every response."""
        tasks: set[asyncio.Task[None]] = set()
        async with aiohttp.ClientSession(self.portal.url, timeout=ATTEMPT_TIMEOUT) as http:
            for turn in itertools.count():
                if self.stopping:
                    break
                task = asyncio.create_task(
                    self._file(http, self.citizens[turn % len(self.citizens)], FILINGS[turn % 2])
                )
                tasks.add(task)
                task.add_done_callback(tasks.discard)
                await asyncio.sleep(1 / self.rate)
            await asyncio.gather(*tasks)

    async def _file(self, http: aiohttp.ClientSession, citizen: Citizen, filing: dict[str, Any]) -> None:
        """File once, like a phone with a bad connection: retry with the same key until there is a response."""
        key = secrets.token_hex(12)
        self.sent += 1
        body = json.dumps(filing).encode()
        for attempt in range(200):
            headers = {
                "Authorization": f"Bearer {citizen.token}",
                "Idempotency-Key": key,
                "Content-Type": "application/json",
            }
            try:
                async with http.post("/api/v1/requests", data=body, headers=headers) as answer:
                    if answer.status == 201:
                        number = (await answer.json())["number"]
                        self.acknowledged[number] = citizen.id
                        self.by_key.setdefault(key, set()).add(number)
                        return
                    if answer.status == 401:
                        await self._sign_in_again(citizen)
                    elif answer.status not in (502, 503, 504):
                        self.unexpected.append(f"{answer.status}: {(await answer.text())[:200]}")
                        return
            except (aiohttp.ClientError, TimeoutError):
                pass
            self.retries += 1
            await asyncio.sleep(min(0.2 * 1.5 ** min(attempt, 6), 2.0))
        self.unexpected.append("no answer after 200 tries")

    async def _sign_in_again(self, citizen: Citizen) -> None:
        if time.monotonic() - self._tokens_at > 5:
            self._tokens_at = time.monotonic()
            await self.portal.login(citizen)

    async def renew_tokens(self) -> None:
        """Sign all citizens in again before their access tokens expire."""
        self._tokens_at = time.monotonic()
        for citizen in self.citizens:
            await self.portal.login(citizen)
