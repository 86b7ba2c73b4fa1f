"""The two ends that are compared: the lists of citizens and of officers."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from deploy.cli.client import SignedInAccount

AT_ONCE = 4
STATES = ("routed", "accepted", "questioned", "in_progress", "resolved", "reopened", "closed")
T = TypeVar("T")


TOGETHER = {"request.routed.filed": ("request.submitted.verifying", "request.routed")}
"""The message that combines filing and routing, if both happen within seconds."""


@dataclass
class Ends:
    """Requests in the citizens' lists, assignments in the departments' lists, messages by request and template."""

    requests: list[dict[str, Any]] = field(default_factory=list)
    assignments: list[dict[str, Any]] = field(default_factory=list)
    messages: Counter[tuple[str, str]] = field(default_factory=Counter)


async def few_at_once(work: Iterable[Awaitable[T]], at_once: int = AT_ONCE) -> list[T]:
    """All results, with a limited number running at a time."""
    places = asyncio.Semaphore(at_once)

    async def one(awaitable: Awaitable[T]) -> T:
        async with places:
            return await awaitable

    return await asyncio.gather(*map(one, work))


async def citizens_requests(citizens: Iterable[SignedInAccount]) -> list[dict[str, Any]]:
    """Every request in the lists of these citizens."""
    lists = await few_at_once(citizen.pages("/requests", "requests") for citizen in citizens)
    return [request for found in lists for request in found]


async def officers_assignments(officers: Mapping[str, SignedInAccount]) -> list[dict[str, Any]]:
    """Every assignment in the lists of these departments' officers, in whatever state."""
    states = [("state", state) for state in STATES]
    lists = await few_at_once(officer.pages("/assignments", "assignments", states) for officer in officers.values())
    return [assignment for found in lists for assignment in found]


async def citizens_messages(citizens: Iterable[SignedInAccount]) -> Counter[tuple[str, str]]:
    """How often each citizen got each message about each request, alone or combined."""
    lists = await few_at_once(citizen.pages("/notifications", "notifications") for citizen in citizens)
    return Counter(
        (told["request"], template)
        for found in lists
        for told in found
        if told["request"]
        for template in TOGETHER.get(told["template"], (told["template"],))
    )
