"""A run of the demo: create departments and services, file rows, answer as the departments, compare both ends."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, TypeVar

from deploy.cli import client
from deploy.cli.client import SignedInAccount
from deploy.cli.demo.city import City, slug
from deploy.cli.demo.ledger import Arrival, FiledRow, Ledger
from deploy.cli.demo.rows import CityFile, Row
from deploy.cli.departments import ensure_department, publish
from deploy.cli.people import ensure_citizen
from deploy.cli.place import RunningSuite
from deploy.cli.queue import DepartmentQueue, Received
from deploy.cli.transport import Transport, transport
from deploy.local.errors import LocalError

FEW, FILE_AT_ONCE = 4, 16
PREFETCH = 2000
LOOK_EVERY, STUCK_SECONDS = 0.5, 60.0
NEXT_ACTION = {"routed": "accept", "accepted": "resolve"}
"""The department's next action on a row that the city closed, by the state of the request."""
T = TypeVar("T")


class Replay:
    """Replays a city's file; `ledger` has what was seen, `seconds` how long it took from the first filing on."""

    def __init__(self, place: RunningSuite, file: CityFile, http: Transport, say: Callable[[str], None]) -> None:
        self._place = place
        self._http = http
        self._say = say
        self._citizens: dict[str, SignedInAccount] = {}
        self._queues: dict[str, DepartmentQueue] = {}
        self.file = file
        self.city = City(file.mapping, file.rows)
        self.ledger = Ledger(self.city)
        self.seconds = 0.0

    @property
    def is_good(self) -> bool:
        """Whether every usable row was filed, and nothing was lost or duplicated."""
        return not (self.ledger.refused or self.ledger.lost() or self.ledger.doubled())

    async def run(self) -> None:
        """Run it. Raises LocalError if the preparations are refused."""
        await self._prepare()
        self.ledger.before = {request["number"] for request in await self._requests()}
        async with self._at_work():
            began = time.monotonic()
            await few_at_once((self._file_row(row) for row in self.file.rows), FILE_AT_ONCE)
            await self._until_settled()
            self.seconds = time.monotonic() - began

    async def _prepare(self) -> None:
        """Create departments, services and citizens, once for a home folder."""
        book, city = self._place.book, self.city
        admin = client.person(self._http, *self._place.admin)
        for entry in city.department_entries():
            self._say(f"preparing {entry['code']}")
            kept = await ensure_department(self._http, admin, book, entry)
            url = self._place.broker_url(kept["user"], kept["password"])
            self._queues[entry["code"]] = DepartmentQueue(url, kept["user"], prefetch=PREFETCH)
        self._say("preparing services and citizens")
        await few_at_once(publish(admin, entry) for entry in city.service_entries(self.file.rows))
        people = {person.cnic: person for person in map(city.citizen, self.file.rows)}
        accounts = await few_at_once(ensure_citizen(self._http, person, book) for person in people.values())
        self._citizens = dict(zip(people, accounts, strict=True))

    @asynccontextmanager
    async def _at_work(self) -> AsyncIterator[None]:
        """Listen on every department's queue before the first row is filed."""
        async with asyncio.TaskGroup() as tasks:
            running = [tasks.create_task(q.run(partial(self._receive, code))) for code, q in self._queues.items()]
            try:
                await asyncio.gather(*(queue.consuming.wait() for queue in self._queues.values()))
                yield
            finally:
                for task in running:
                    task.cancel()

    async def _receive(self, code: str, received: Received) -> None:
        if received.type == "request.routed.v1":
            self.ledger.arrive(received.subject, received.id, Arrival(code, received.at))
        elif received.type == "action.rejected.v1":
            problem = received.body
            self.ledger.refused.append(f"{problem.get('request')}: {problem.get('action')}: {problem.get('title')}")
        await received.ack()

    async def _file_row(self, row: Row) -> None:
        citizen = self._citizens[self.city.citizen(row).cnic]
        try:
            answer = await citizen.file(f"demo/{slug(self.file.name, longest=30)}/{row.id}", self.city.filing(row))
        except LocalError as error:
            self.ledger.refused.append(f"line {row.line} was not filed: {error}")
            return
        number = answer.body["number"]
        self.ledger.file(FiledRow(row, number, answer.at, number in self.ledger.before))
        self._say(f"{len(self.ledger.filed)} of {len(self.file.rows)} filed")

    async def _until_settled(self) -> None:
        """Answer as the departments until every request is settled, or nothing has changed for a minute."""
        last, moved = -1, time.monotonic()
        while time.monotonic() - moved < STUCK_SECONDS:
            self.ledger.look(await self._requests())
            waiting = [filed for filed in self.ledger.filed.values() if self.ledger.unsettled(filed)]
            if not waiting:
                return
            if len(waiting) != last:
                last, moved = len(waiting), time.monotonic()
            self._say(f"{last} not routed or not answered yet")
            await few_at_once(self._answer(filed) for filed in waiting if filed.row.is_closed)
            await asyncio.sleep(LOOK_EVERY)

    async def _answer(self, filed: FiledRow) -> None:
        """Take the department's next action. An action that is sent again has the same id and counts once."""
        request = self.ledger.requests.get(filed.number, {})
        queue, action = self._queues.get(request.get("department") or ""), NEXT_ACTION.get(request.get("state", ""))
        if queue is not None and action is not None:
            more = self.city.reply(filed.row) if action == "resolve" else {}
            await queue.act(f"demo/{filed.number}/{action}", filed.number, action, **more)

    async def _requests(self) -> list[dict[str, Any]]:
        """Every request in the lists of these citizens."""
        lists = await few_at_once(citizen.pages("/requests", "requests") for citizen in self._citizens.values())
        return [request for found in lists for request in found]


async def few_at_once(work: Iterable[Awaitable[T]], at_once: int = FEW) -> list[T]:
    """All results, with a limited number running at a time."""
    places = asyncio.Semaphore(at_once)

    async def one(awaitable: Awaitable[T]) -> T:
        async with places:
            return await awaitable

    return await asyncio.gather(*map(one, work))


async def replay(place: RunningSuite, file: CityFile, say: Callable[[str], None] = lambda _: None) -> Replay:
    """Replay a file in the suite at `place`. Raises LocalError."""
    place.refuse_production()
    async with transport(place.url) as http:
        done = Replay(place, file, http, say)
        await done.run()
        return done
