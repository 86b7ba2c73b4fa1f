"""The calls by which a stranger could find accounts, each for an existing and for an unknown account."""

import asyncio
import random
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp

from tools.people import new_cnic, new_mobile
from tools.portal import Portal, until
from tools.timing.statistic import BLOCK

A_PERSON = 4
"""Calls for each account: a fifth failed login would lock it, a sixth code in an hour would be refused."""
AT_ONCE = 8
Ask = tuple[str, dict[str, str]]
"""A path and the posted body."""


@dataclass(frozen=True)
class Flow:
    """The accounts of a flow, and the status that all calls get."""

    known: Callable[[int], Ask]
    unknown: Callable[[int], Ask]
    status: int


class Strangers:
    """Measures calls over one connection, like a stranger."""

    def __init__(self, portal: Portal, samples: int) -> None:
        self._portal = portal
        self._samples = samples
        self._draw = random.Random(1)

    async def flows(self) -> Mapping[str, Flow]:
        """All flows, each with its own accounts."""
        people = -(-self._samples // A_PERSON)
        known, asked = await self._made(people, self._account), await self._made(people, self._account)
        await self._portal.admin_token()  # once: logins at the same time would count as failures of one another
        staff = await self._made(people, self._member)
        strangers, names = [new_person() for _ in range(people)], [new_name() for _ in range(people)]
        return {
            "login of a citizen": Flow(
                lambda n: login(known[n // A_PERSON]["cnic"]), lambda n: login(strangers[n // A_PERSON]["cnic"]), 401
            ),
            "login of a member of staff": Flow(
                lambda n: login(staff[n // A_PERSON]), lambda n: login(names[n // A_PERSON]), 401
            ),
            "registration": Flow(
                lambda n: ("/api/v1/registrations", known[n // A_PERSON]),
                lambda _: ("/api/v1/registrations", new_person()),
                202,
            ),
            "reset of a password": Flow(
                lambda n: ("/api/v1/password-resets", pair(asked[n // A_PERSON])),
                lambda n: ("/api/v1/password-resets", pair(strangers[n // A_PERSON])),
                202,
            ),
        }

    async def measure(self, flow: Flow) -> tuple[list[float], list[float]]:
        """The seconds of each response.

        Within each block the order of both kinds is random, because work that a call leaves behind slows down the next
        call of either kind.
        """
        took: tuple[list[float], list[float]] = ([], [])
        async with aiohttp.ClientSession(self._portal.url) as http:
            while (left := self._samples - len(took[0])) > 0:
                for kind in self._draw.sample((0, 1), 2 * min(BLOCK, left), counts=[min(BLOCK, left)] * 2):
                    n = len(took[kind])
                    path, body = (flow.known, flow.unknown)[kind](n)
                    began = time.perf_counter()
                    async with http.post(path, json=body, headers=coming_from(kind, n)) as answer:
                        await answer.read()
                    took[kind].append(time.perf_counter() - began)
                    assert answer.status == flow.status, (path, kind, n, answer.status)
        return took

    async def _made(self, count: int, make: Callable[[], Awaitable[Any]]) -> list[Any]:
        gate = asyncio.Semaphore(AT_ONCE)

        async def one() -> Any:
            async with gate:
                return await make()

        return await asyncio.gather(*(one() for _ in range(count)))

    async def _account(self) -> dict[str, str]:
        """The details of a citizen with a proven mobile."""
        person = new_person()
        path = "/api/v1/registrations"
        registration = (await self._portal.expect(202, "POST", path, json=person))["registration"]
        code = await self._portal.code_sent_to(person["mobile"])
        await self._portal.expect(200, "POST", f"{path}/{registration}/otp", json={"code": code})
        return person

    async def _member(self) -> str:
        """The login of a member of staff."""
        login = new_name()
        body = {"login": login, "name": "Somebody", "role": "auditor", "password": f"long enough {login}"}

        async def make() -> bool | None:  # a full queue of passwords to hash is answered 503
            answer = await self._portal.ask(
                "POST", "/api/v1/admin/officers", token=await self._portal.admin_token(), json=body
            )
            return True if answer.status == 201 else None

        await until(make, "a member of staff")
        return login


def pair(person: dict[str, str]) -> dict[str, str]:
    """The body of a password reset."""
    return {"cnic": person["cnic"], "mobile": person["mobile"]}


def login(name: str) -> Ask:
    """A login with a wrong password."""
    return "/api/v1/sessions", {"login": name, "password": "not the password of anybody"}


def coming_from(kind: int, n: int) -> dict[str, str]:
    """Calls with a new client address each, which has all of its attempts left."""
    return {"X-Forwarded-For": f"10.{kind}.{n // 250}.{n % 250}"}


def new_name() -> str:
    """An unused login of staff."""
    return f"timed.{secrets.token_hex(6)}"


def new_person() -> dict[str, str]:
    """An unknown citizen."""
    return {
        "name": "Ayesha Khan",
        "cnic": new_cnic(),
        "mobile": new_mobile(),
        "email": "ayesha@example.com",
        "address": "House 12, Street 4, Hayatabad",
        "password": "monsoon over the blue hills",
    }
