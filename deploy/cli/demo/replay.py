"""A run of the demo: create departments and services, file rows, wait for answers, compare both ends."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from deploy.cli import client
from deploy.cli.client import SignedInAccount
from deploy.cli.demo.check import Findings, expected_messages, find, unsettled
from deploy.cli.demo.city import City
from deploy.cli.demo.desk import PREFETCH, DemoSubscriber
from deploy.cli.demo.ends import Ends, citizens_messages, citizens_requests, few_at_once, officers_assignments
from deploy.cli.demo.ledger import FiledRow, Ledger
from deploy.cli.demo.progress import ProgressBars
from deploy.cli.demo.rows import CityFile, Row
from deploy.cli.departments import ensure_department, ensure_officer, publish
from deploy.cli.people import ensure_citizen
from deploy.cli.place import RunningSuite
from deploy.cli.queue import DepartmentQueue
from deploy.cli.transport import Transport, transport
from deploy.local.errors import LocalError

FILE_AT_ONCE = 16
LOOK_EVERY = 0.5
REMIND_SECONDS, STUCK_SECONDS = 5.0, 60.0


@dataclass(frozen=True)
class ReplayOutcome:
    """The result of a run; `seconds` from the first filing to the last answer."""

    file: CityFile
    city: City
    ledger: Ledger
    ends: Ends
    findings: Findings
    seconds: float

    @property
    def is_good(self) -> bool:
        """Whether every usable row was filed, and nothing was lost or duplicated."""
        return self.findings.clean and not self.ledger.refused and not self.ledger.objections


class Replay:
    """Replays a city's file."""

    def __init__(self, place: RunningSuite, file: CityFile, http: Transport, progress: ProgressBars) -> None:
        self._place = place
        self._file = file
        self._http = http
        self._progress = progress
        self._city = City(file.mapping, file.rows)
        self._ledger = Ledger()
        self._citizens: dict[str, SignedInAccount] = {}
        self._officers: dict[str, SignedInAccount] = {}
        self._before: set[str] = set()
        self._desks: list[DemoSubscriber] = []

    async def run(self) -> ReplayOutcome:
        """Run it. Raises LocalError if the preparations are refused."""
        await self._prepare()
        self._before = {request["number"] for request in await citizens_requests(self._citizens.values())}
        async with self._at_work():
            began = time.monotonic()
            await few_at_once((self._file_row(row) for row in self._file.rows), FILE_AT_ONCE)
            await self._until_settled()
            seconds = time.monotonic() - began
            ends = await self._look_at_both_ends()
        findings = find(self._city, self._ledger, ends, self._before)
        return ReplayOutcome(self._file, self._city, self._ledger, ends, findings, seconds)

    async def _prepare(self) -> None:
        """Create departments, officers, services and citizens, once for a home folder."""
        book, city = self._place.book, self._city
        admin = client.person(self._http, *self._place.admin)
        for entry in city.department_entries():
            self._progress.say(f"department {entry['code']}")
            await ensure_department(self._http, admin, book, entry)
            officer = await ensure_officer(admin, book, "officer", entry["code"])
            self._officers[entry["code"]] = client.person(self._http, officer["login"], officer["password"])
        self._progress.say("services")
        services = city.service_entries(self._file.rows)
        await few_at_once(publish(admin, entry) for entry in services)
        self._progress.say("citizens")
        people = sorted({city.citizen(row).n: city.citizen(row) for row in self._file.rows}.items())
        accounts = await few_at_once(ensure_citizen(self._http, person, self._place.book) for _, person in people)
        self._citizens = {person.cnic: account for (_, person), account in zip(people, accounts, strict=True)}

    @asynccontextmanager
    async def _at_work(self) -> AsyncIterator[None]:
        """Run a subscriber for each department; all listen before the first row is filed."""
        self._desks = [self._desk(code) for code in self._city.departments]
        async with asyncio.TaskGroup() as tasks:
            running = [tasks.create_task(desk.run()) for desk in self._desks]
            try:
                await asyncio.gather(*(desk.queue.consuming.wait() for desk in self._desks))
                yield
            finally:
                for desk_task in running:
                    desk_task.cancel()

    def _desk(self, code: str) -> DemoSubscriber:
        kept = self._place.book.department(code)
        if kept is None:
            raise LocalError(f"the credentials of {code} are not in demo.json")
        url = self._place.broker_url(kept["user"], kept["password"])
        return DemoSubscriber(code, DepartmentQueue(url, kept["user"], prefetch=PREFETCH), self._city, self._ledger)

    async def _file_row(self, row: Row) -> None:
        citizen = self._citizens[self._city.citizen(row).cnic]
        try:
            answer = await citizen.file(self._city.key(self._file.name, row), self._city.filing(row))
        except LocalError as error:
            self._ledger.refused.append((row, str(error)))
        else:
            number = answer.body["number"]
            self._ledger.file(FiledRow(row, number, answer.body["state"], answer.at, number in self._before))
        self._progress.filed(len(self._ledger.filed) + len(self._ledger.refused))

    async def _until_settled(self) -> None:
        """Wait until every request is finished, or nothing has changed for a minute."""
        waiting: list[FiledRow] = []
        moved = reminded = time.monotonic()
        while now := unsettled(self._ledger, _by_number(await citizens_requests(self._citizens.values()))):
            self._progress.settled(len(self._ledger.filed) - len(now))
            if len(now) != len(waiting):
                waiting, moved = now, time.monotonic()
            if time.monotonic() - moved > STUCK_SECONDS:
                return
            if time.monotonic() - max(moved, reminded) > REMIND_SECONDS:
                await few_at_once(desk.remind(filed) for desk in self._desks for filed in waiting)
                reminded = time.monotonic()
            await asyncio.sleep(LOOK_EVERY)
        self._progress.settled(len(self._ledger.filed))

    async def _look_at_both_ends(self) -> Ends:
        """Read the lists once every message has arrived, or none has for a minute."""
        wanted = {(f.number, name) for f in self._ledger.filed.values() for name in expected_messages(f)}
        messages = await citizens_messages(self._citizens.values())
        moved = time.monotonic()
        while not wanted <= messages.keys() and time.monotonic() - moved < STUCK_SECONDS:
            await asyncio.sleep(LOOK_EVERY)
            newer = await citizens_messages(self._citizens.values())
            if newer != messages:
                messages, moved = newer, time.monotonic()
        return Ends(
            await citizens_requests(self._citizens.values()), await officers_assignments(self._officers), messages
        )


async def replay(place: RunningSuite, file: CityFile, progress: ProgressBars) -> ReplayOutcome:
    """Replay a file in the suite at `place`. Raises LocalError."""
    place.refuse_production()
    async with transport(place.url) as http:
        return await Replay(place, file, http, progress).run()


def _by_number(requests: Sequence[Mapping[str, object]]) -> dict[str, Mapping[str, object]]:
    return {str(request["number"]): request for request in requests}
