"""Provisions each department at the broker: a queue, and a user with permissions for that queue only.

This uses RabbitMQ's management API and is checked for as long as routing runs: a broker that came back empty gets
everything again, and the events that its queues had held are sent again.
"""

import asyncio
import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import aiohttp
import structlog
from prometheus_client import Gauge

from services.routing.broker import MANAGEMENT_ERRORS, BrokerAdmin, QueueState
from services.routing.dead_letters import dead_letter_count
from services.routing.directory import Directory
from services.routing.models.access import FurtherQueue
from services.routing.models.directory import DepartmentRecord
from services.routing.store.assignments import AssignmentStore
from shared.bus.topology import dead_queue, letters_of, queue_of_department
from shared.clock import utc_now
from shared.errors import UnavailableError
from shared.mongo import OUTAGES

TIMEOUT = aiohttp.ClientTimeout(total=10)
PAGE_TIMEOUT = aiohttp.ClientTimeout(total=2)
"""For requests to the management API while somebody waits for a page."""
RESEND_BATCH = 500
DEAD_LETTERS = Gauge("rabta_department_dead_letters", "Dead letters of a department's queue", ["department"])

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class BrokerState:
    """What exists at the broker: password hashes of users, and the counts of queues, by name."""

    users: dict[str, str]
    queues: dict[str, QueueState]


class Provisioning:
    """Keeps the broker's queues and users equal to the departments."""

    def __init__(self, broker: BrokerAdmin, directory: Directory, assignments: AssignmentStore) -> None:
        self._broker = broker
        self._directory = directory
        self._assignments = assignments
        self._check_requested = asyncio.Event()
        self.ready = False
        self.on_counted: Callable[[Mapping[str, QueueState]], Awaitable[None]] | None = None

    def check_now(self) -> None:
        """Check now, because a publish found no queue."""
        self._check_requested.set()

    async def run(self, every: float) -> None:
        """Check every `every` seconds, until cancelled."""
        while True:
            try:
                await self.ensure(list(self._directory.departments.values()))
                self.ready = True
            except (*MANAGEMENT_ERRORS, *OUTAGES) as error:
                log.warning("provisioning.away", error=type(error).__name__)
                for code in self._directory.departments:
                    DEAD_LETTERS.labels(code).set(math.nan)
                await asyncio.sleep(0.5)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._check_requested.wait(), every)
            self._check_requested.clear()

    async def broker_state(self) -> BrokerState | None:
        """What exists at the broker; None when it does not answer soon."""
        try:
            async with aiohttp.ClientSession(timeout=PAGE_TIMEOUT) as http:
                users, queues = await asyncio.gather(self._broker.users(http), self._broker.queues(http))
        except MANAGEMENT_ERRORS as error:
            log.warning("provisioning.away", error=type(error).__name__)
            return None
        return BrokerState(users, queues)

    async def require_broker(self) -> None:
        """Raise UnavailableError while the broker does not answer: it might learn a new password much later."""
        if await self.broker_state() is None:
            raise UnavailableError

    async def ensure_soon(self, department: DepartmentRecord) -> None:
        """Create what is missing for a department: now, or as soon as the broker answers."""
        try:
            await self.ensure([department])
        except MANAGEMENT_ERRORS as error:
            log.warning("provisioning.away", error=type(error).__name__)
            self.check_now()

    async def ensure(self, departments: Sequence[DepartmentRecord]) -> None:
        """Create what is missing for these departments; send again what a lost queue had held."""
        async with aiohttp.ClientSession(timeout=TIMEOUT) as http:
            queues, users = await self._broker.queues(http), await self._broker.users(http)
            for department in departments:
                for access in department.accesses:
                    for user, hashed in access.users(utc_now()).items():
                        if users.get(user) != hashed:
                            await self._give_access(http, department.id, access.queue, user, users.get(user))
                    if access.queue not in queues:
                        await self._make_queue(http, department, access.queue)
                dead = sum(dead_letter_count(queues, access.queue) for access in department.accesses)
                DEAD_LETTERS.labels(department.id).set(dead)
        if self.on_counted:
            await self.on_counted(queues)

    async def remove(self, queue: FurtherQueue) -> None:
        """Remove a queue, its dead letters and its users; the broker closes their connections.

        Raises one of MANAGEMENT_ERRORS.
        """
        async with aiohttp.ClientSession(timeout=TIMEOUT) as http:
            for user in queue.users(utc_now()):
                await self._broker.remove_user(http, user)
            for name in (queue.queue, dead_queue(queue.queue)):
                await self._broker.remove_queue(http, name)

    async def _make_queue(self, http: aiohttp.ClientSession, department: DepartmentRecord, name: str) -> None:
        await self._broker.make_queue(http, letters_of(name))
        await self._broker.make_queue(http, queue_of_department(name))
        log.info("department.queue_made", department=department.id, queue=name)
        if name == department.queue:
            await self._send_again(department)

    async def _give_access(
        self, http: aiohttp.ClientSession, code: str, queue: str, user: str, given: str | None
    ) -> None:
        """Give a user its newest password, or remove it. Recreating the user closes the old one's connections.

        Another process may renew the password meanwhile, so the newest is read before and after.
        """
        while given != (newest := await self._newest_hash(code, user)):
            if given is not None:
                await self._broker.remove_user(http, user)
            if newest is not None:
                await self._broker.make_user(http, user, queue, newest)
            given = newest

    async def _newest_hash(self, code: str, user: str) -> str | None:
        await self._directory.refresh()
        accesses = self._directory.department(code).accesses
        return {name: hashed for one in accesses for name, hashed in one.users(utc_now()).items()}.get(user)

    async def _send_again(self, department: DepartmentRecord) -> None:
        """Send again, with the same ids, what a lost queue may have held and the department has not acted on."""
        numbers = await self._assignments.unanswered(department.id, limit=1_000_000)
        for start in range(0, len(numbers), RESEND_BATCH):
            await self._assignments.relay_again(numbers[start : start + RESEND_BATCH])
        if numbers:
            log.warning("department.sent_again", department=department.id, assignments=len(numbers))
