"""The readers in `rabta bench reads`: a citizen with many requests, an officer of their department, and the public."""

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tools.filings import FILINGS
from tools.load.http_client import request_bytes
from tools.portal import Citizen, Portal
from tools.suites import ADMIN

OWN = "/api/v1/requests"
AT_ONCE = 10
KNOWN = 50
"""How many tracked requests are read again with the ETag of the first response."""


@dataclass(frozen=True)
class Read:
    """A kind of read: makes its HTTP requests, which all get this status."""

    make: Callable[[], bytes]
    status: int = 200


class City:
    """A citizen with many requests, of which one in seven is open, and an officer of their department."""

    def __init__(self, url: str, citizen: Citizen, portal: Portal, own: int) -> None:
        self.url = url
        self.citizen = citizen
        self.portal = portal
        self.own = own
        self.numbers: list[str] = []
        self.others: list[str] = []
        self.department = ""
        self.began = ""

    async def work(self) -> None:
        """File the requests; most of them are resolved and confirmed."""
        updates = await self.portal.expect(200, "GET", f"{OWN}/updates", token=self.citizen.token)
        self.began = updates["next"]
        limit = asyncio.Semaphore(AT_ONCE)

        async def one(n: int) -> None:
            async with limit:
                filing = dict(FILINGS[0])
                told = f"The light at corner{n} has been out for a week. " * 8
                filing["answers"] = {**filing["answers"], "description": told}
                number = (await self.portal.file(self.citizen, filing))["number"]
                self.numbers.append(number)
                request = await self.portal.reaches(self.citizen, number, "routed")
                self.department = request["department"]
                if n >= self.own // 7:
                    await self._finish(number, n)

        await one(0)
        await self.portal.officer(self.department)  # signs in once, before many want it
        await asyncio.gather(*(one(n) for n in range(1, self.own)))

    async def _finish(self, number: str, n: int) -> None:
        officer = await self.portal.officer(self.department)
        await self.portal.act(officer, number, "accept")
        reply = f"The lamp at corner {n} was replaced, number {number}."
        await self.portal.act(officer, number, "resolve", outcome="granted", reply=reply)
        await self.portal.reaches(self.citizen, number, "resolved")
        await self.portal.expect(200, "POST", f"{OWN}/{number}/confirm", token=self.citizen.token, json={"rating": 4})
        await self.portal.reaches(self.citizen, number, "closed")

    async def reads(self) -> dict[str, Read]:
        """The reads by name, with new sessions."""
        await self.portal.login(self.citizen)
        portal = Portal(self.url, ADMIN)
        officer, token = await portal.officer(self.department), self.citizen.token
        page: dict[str, Any] = await portal.expect(200, "GET", f"{OWN}?limit={self.own * 4 // 5}", token=token)
        service, day = page["requests"][0]["service"], page["requests"][0]["submitted_at"][:10]
        known = await self._known(portal)
        pick = secrets.choice
        return {
            "track by number and digits": Read(lambda: self._get(self._track(pick(self.others)))),
            "track, known already (304)": Read(lambda: pick(known), 304),
            "own list, first page": Read(lambda: self._get(OWN, token)),
            "own list, a deep page": Read(lambda: self._get(f"{OWN}?cursor={page['next']}", token)),
            "own list by word": Read(lambda: self._get(f"{OWN}?q=corner{secrets.randbelow(self.own)}", token)),
            "own list by state": Read(lambda: self._get(f"{OWN}?state=closed", token)),
            "own list by date and service": Read(lambda: self._get(f"{OWN}?service={service}&from={day}", token)),
            "own request by number": Read(lambda: self._get(f"{OWN}/{pick(self.numbers)}", token)),
            "own request's proof": Read(lambda: self._get(f"{OWN}/{pick(self.numbers)}/proof", token)),
            "updates since the first filing": Read(lambda: self._get(f"{OWN}/updates?after={self.began}", token)),
            "officer's list": Read(lambda: self._get("/api/v1/assignments", officer)),
        }

    async def _known(self, portal: Portal) -> list[bytes]:
        """Requests for tracking with the ETags of earlier responses."""
        found = []
        for path in map(self._track, self.others[:KNOWN]):
            answer = await portal.ask("GET", path)
            found.append(request_bytes("GET", f"{self.url}{path}", {"If-None-Match": answer.headers["etag"]}))
        return found

    def _track(self, number: str) -> str:
        return f"/api/v1/track/{number}?mobile={self.citizen.last_four}"

    def _get(self, path: str, token: str = "") -> bytes:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return request_bytes("GET", f"{self.url}{path}", headers)
