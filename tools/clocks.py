"""Several sweepers over many overdue assignments, one of them killed half way: is each escalated once, oldest first?

    python -m tools.clocks --mongo mongodb://127.0.0.1:27017 --count 100000

It uses a database of its own, which it drops. The sweepers are processes; the one that is killed gets SIGKILL.
"""

import argparse
import asyncio
import os
import secrets
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any

from services.routing.directory import Directory
from services.routing.estimating import DurationEstimator
from services.routing.files import read_calendar
from services.routing.models.assignment import Assignment, AssignmentState
from services.routing.models.clock import HEAD, ORGANISATION
from services.routing.models.directory import DepartmentRecord
from services.routing.service.clocks import BATCH, DueClocks
from services.routing.service.routing import RequestRouter
from services.routing.settings import RoutingSettings
from services.routing.store.assignments import AssignmentStore
from services.routing.store.departments import DepartmentStore, ServiceStore
from shared.clock import utc_now
from shared.mongo import OUTAGES, Database, ServerClock, connect

MARKS: dict[str, Any] = {"lease": 8, "settle_after": 120}
REPLICAS = 3
STEPS = ["overdue", "escalate"]
PAGE = 1000
WORDS = {"en": "Power", "ur": "بجلی"}


@asynccontextmanager
async def sweeper(mongo: str, name: str) -> AsyncIterator[tuple[DueClocks, AssignmentStore]]:
    """A sweeper with its own connection and memory, like each replica of routing."""
    async with connect(mongo, name) as database:
        clock = ServerClock(database)
        await clock.measure()
        store = AssignmentStore(database["assignments"], clock, **MARKS)
        departments = DepartmentStore(database["departments"], clock, **MARKS)
        directory = Directory(departments, ServiceStore(database["services"], clock, **MARKS))
        await directory.refresh()
        calendar = read_calendar(RoutingSettings.model_fields["calendar_file"].default)
        router = RequestRouter(directory, calendar, DurationEstimator(store, directory, calendar))
        yield DueClocks(store, directory, router), store


async def fill(mongo: str, name: str, count: int) -> None:
    """Insert `count` assignments, due a second apart; the last was due a minute ago."""
    async with connect(mongo, name) as database:
        clock = ServerClock(database)
        departments = DepartmentStore(database["departments"], clock, **MARKS)
        await departments.insert_many([DepartmentRecord(id="power", name=WORDS, head=WORDS, appellate_authority=WORDS)])
        store = AssignmentStore(database["assignments"], clock, **MARKS)
        await store.create_indexes()
        for first in range(0, count, PAGE):
            page = [overdue(n, count) for n in range(first, min(first + PAGE, count))]
            assert not any(await store.insert_many(page))


def overdue(n: int, count: int) -> Assignment:
    """The n-th assignment."""
    due = utc_now() - timedelta(seconds=60 + count - n)
    levels = [{"at": due, "to": HEAD}, {"at": due + timedelta(days=365), "to": ORGANISATION}]
    fields: dict[str, Any] = {"citizen_id": "c", "service": "s", "kind": "complaint", "district": "d"}
    return Assignment(
        id=number(n), state=AssignmentState.ACCEPTED, department="power", routed_at=due - timedelta(days=5),
        due_at=due, levels=levels, clock_at=due, **fields,
    )  # fmt: skip


def number(n: int) -> str:
    """The n-th tracking number; the order of numbers is not the order of due dates."""
    return f"RB-{n * 7919 % 1_000_003:07d}"


async def progress(database: Database) -> int:
    """How many assignments are marked as late."""
    return await database["assignments"].count_documents({"overdue_at": {"$type": "date"}})


async def faults(database: Database, *, complete: bool) -> list[str]:
    """The faults: steps taken twice or not at all, and requests escalated long before older ones."""
    found: list[str] = []
    ahead, waiting, fields = 0, False, {"history.action": 1, "events.seq": 1, "level": 1}
    async for document in database["assignments"].find({}, fields).sort("due_at"):
        steps = [entry["action"] for entry in document.get("history", [])]
        if steps and (steps != STEPS or len(document["events"]) != len(STEPS) or document["level"] != 1):
            found.append(f"{document['_id']}: {steps}, level {document['level']}")
        waiting = waiting or not steps
        ahead += bool(steps) and waiting
    if ahead > REPLICAS * BATCH:
        found.append(f"{ahead} were taken although older ones waited")
    return [*found, *(["some were not taken"] if complete and waiting else [])]


async def run(mongo: str, count: int) -> int:
    """Fill, sweep, kill and check; returns the number of faults."""
    name = f"clocks_{secrets.token_hex(4)}"
    await fill(mongo, name, count)
    async with connect(mongo, name) as database:
        started = time.monotonic()
        command = (sys.executable, "-m", "tools.clocks", "--mongo", mongo, "--sweep", name)
        sweepers = [await asyncio.create_subprocess_exec(*command) for _ in range(REPLICAS)]
        while await progress(database) < count // 2:  # noqa: ASYNC110 - another process makes the progress
            await asyncio.sleep(0.1)
        os.kill(sweepers[0].pid, signal.SIGKILL)
        half = time.monotonic() - started
        wrong = await faults(database, complete=False)
        await asyncio.gather(*(one.wait() for one in sweepers))
        taken = time.monotonic() - started
        wrong += await faults(database, complete=True)
        print(f"{count} overdue, {REPLICAS} sweepers: one killed after {half:.1f} s, all done after {taken:.1f} s")
        print(f"{count / taken:.0f} a second; faults: {len(wrong)}", *wrong[:10], sep="\n")
        await database.client.drop_database(name)
    return len(wrong)


async def sweep(mongo: str, name: str) -> None:
    """Sweep until nothing is due; runs in each of the processes."""
    async with sweeper(mongo, name) as (clocks, store):
        while await store.clocks_due(utc_now(), None, 1):
            with suppress(*OUTAGES):  # as `sweep_forever` does
                await clocks.sweep()


def main() -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mongo", required=True)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--sweep", metavar="DATABASE", help="be one of the sweepers")
    asked = parser.parse_args()
    if asked.sweep:
        asyncio.run(sweep(asked.mongo, asked.sweep))
        return 0
    return asyncio.run(run(asked.mongo, asked.count))


if __name__ == "__main__":
    sys.exit(main())
