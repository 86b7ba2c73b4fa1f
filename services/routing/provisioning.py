"""The broker's side of departments: a queue, a user, and permissions for no more than its own, for each.

Made through RabbitMQ's management API, and looked after for as long as routing runs: a broker that came back empty
gets all of it again, and what its queues had held goes out again.
"""

import asyncio
import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import aiohttp
import structlog
from prometheus_client import Gauge

from services.routing.broker import TROUBLE, BrokerAdmin, QueueFacts
from services.routing.directory import Directory
from services.routing.letters import letters_at
from services.routing.models.directory import DepartmentRecord
from services.routing.store import AssignmentStore
from shared.bus.topology import department_queue, letters_of
from shared.clock import utc_now
from shared.mongo import OUTAGES

TIMEOUT = aiohttp.ClientTimeout(total=10)
PROMPT = aiohttp.ClientTimeout(total=2)
"""For whoever looks at a page meanwhile."""
AGAIN_AT_ONCE = 500
LETTERS = Gauge("rabta_department_dead_letters", "Messages that a department's queue has put away", ["department"])

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Facts:
    """What the broker has: password hashes of users and facts of queues, by name."""

    users: dict[str, str]
    queues: dict[str, QueueFacts]


class Provisioning:
    """Keeps the broker in step with the departments."""

    def __init__(self, broker: BrokerAdmin, directory: Directory, assignments: AssignmentStore) -> None:
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
                for code in self._directory.departments:
                    LETTERS.labels(code).set(math.nan)
                await asyncio.sleep(0.5)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._now.wait(), every)
            self._now.clear()

    async def facts(self) -> Facts | None:
        """What the broker has; None when it does not answer soon."""
        try:
            async with aiohttp.ClientSession(timeout=PROMPT) as http:
                users, queues = await asyncio.gather(self._broker.users(http), self._broker.queues(http))
        except TROUBLE as error:
            log.warning("provisioning.away", error=type(error).__name__)
            return None
        return Facts(users, queues)

    async def ensure_soon(self, department: DepartmentRecord) -> None:
        """Make what is missing for a department: now, or as soon as the broker answers."""
        try:
            await self.ensure([department])
        except TROUBLE as error:
            log.warning("provisioning.away", error=type(error).__name__)
            self.look()

    async def ensure(self, departments: Sequence[DepartmentRecord]) -> None:
        """Make what is missing for these departments; send again what a lost queue had held."""
        async with aiohttp.ClientSession(timeout=TIMEOUT) as http:
            queues, users = await self._broker.queues(http), await self._broker.users(http)
            for department in departments:
                queue = department_queue(department.id)
                for user, hashed in department.users(utc_now()).items():
                    if users.get(user) != hashed:
                        await self._give_access(http, department, user, users.get(user))
                if queue.name not in queues:
                    await self._broker.make_queue(http, letters_of(queue.name))
                    await self._broker.make_queue(http, queue)
                    log.info("department.queue_made", department=department.id)
                    await self._send_again(department)
                LETTERS.labels(department.id).set(letters_at(queues, department.id))

    async def _give_access(
        self, http: aiohttp.ClientSession, department: DepartmentRecord, user: str, given: str | None
    ) -> None:
        """Give a user its newest password, or remove it. It is made anew: that closes the connections of the old one.

        Others may renew the password meanwhile, so what is newest is looked up before and after.
        """
        while given != (newest := await self._newest_hash(department.id, user)):
            if given is not None:
                await self._broker.remove_user(http, user)
            if newest is not None:
                await self._broker.make_user(http, user, department.queue, newest)
            given = newest

    async def _newest_hash(self, code: str, user: str) -> str | None:
        await self._directory.refresh()
        return self._directory.department(code).users(utc_now())[user]

    async def _send_again(self, department: DepartmentRecord) -> None:
        """Its queue is new: what it may have held, and nobody has acted upon, goes out again with the same ids."""
        numbers = await self._assignments.unanswered(department.id, limit=1_000_000)
        for start in range(0, len(numbers), AGAIN_AT_ONCE):
            await self._assignments.relay_again(numbers[start : start + AGAIN_AT_ONCE])
        if numbers:
            log.warning("department.sent_again", department=department.id, assignments=len(numbers))
