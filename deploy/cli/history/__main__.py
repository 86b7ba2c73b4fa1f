"""`python -m deploy.cli.history`: fill a demo with 90 days of history, once; refused outside of demo and test.

It writes straight to the databases of requests and routing, without events: nobody gets a message about the past.
"""

import asyncio
import sys
from datetime import timedelta
from typing import Any, cast

from deploy.cli.history.lives import Life, Staff
from deploy.cli.history.simulation import Simulation
from deploy.cli.history.story import DAYS, CityStory, account_of
from deploy.cli.place import find_place
from deploy.local.errors import LocalError
from services.requests.catalogue.service.catalogue import Catalogue
from services.requests.filing.service import intake
from services.requests.request.models import chain
from services.requests.request.models.replicas import CitizenReplica
from services.requests.settings import RequestsSettings
from services.requests.stores import Stores
from services.routing.directory import Directory
from services.routing.figures.rebuild import rebuild
from services.routing.files import read_calendar
from services.routing.settings import RoutingSettings
from services.routing.store.departments import DepartmentStore, ServiceStore, StaffCopyStore
from shared.clock import utc_now
from shared.mongo import Database, ServerClock, connect
from shared.seal import KeyRing, SealPurpose

PEOPLE = 180
BATCH = 200
HELD = timedelta(minutes=1)
"""How long the clocks of what is written do nothing."""


async def tell(days: int = DAYS) -> str:
    """Write the history, unless it is there; returns what was done in one line."""
    settings, routing = RequestsSettings(), RoutingSettings()
    prefix, url = settings.mongo_prefix, settings.mongo_url.get_secret_value()
    async with connect(url, f"{prefix}_requests") as requests, connect(url, f"{prefix}_routing") as at_departments:
        clock = ServerClock(requests)
        stores = Stores(requests, clock, settings)
        story = CityStory(utc_now(), days)
        if await requests["citizens"].find_one({"_id": account_of(0)}):
            return "the history is there"
        simulation = await lived(story, stores, at_departments, routing)
        until = utc_now() + HELD
        for document in (documents := simulation.requests.settled(until)):
            document["history_seal"] = chain.seal(settings.keys, document["_id"], document["history"])
        await write(at_departments, "assignments", simulation.assignments.settled(until))
        await write(requests, "requests", documents)
        await stores.citizens.insert_many([replica(n, story, settings.keys) for n in range(PEOPLE)])
    await rebuild(routing)
    return f"{len(documents)} requests of the last {days} days"


async def lived(story: CityStory, stores: Stores, database: Database, settings: RoutingSettings) -> Simulation:
    """All requests of the story, each lived up to the present."""
    marks = {"lease": settings.relay_lease, "settle_after": settings.settle_after}
    clock = ServerClock(database)
    directory = Directory(
        DepartmentStore(database["departments"], clock, **marks), ServiceStore(database["services"], clock, **marks)
    )
    await directory.refresh()
    for known in directory.services.values():
        known.evidence = False  # the past has no files, so none is asked for before a request is resolved
    catalogue = Catalogue(stores.catalogue, stores.versions)
    simulation = Simulation(directory, catalogue, read_calendar(settings.calendar_file), settings.keys)
    staff = await staff_of(StaffCopyStore(database["colleagues"], clock, **marks))
    intake.FLUSH_SPACING = 0.0
    office = intake.Intake(cast(Any, simulation.requests), catalogue, stores.citizens, settings.keys)
    for at, service in story.filings():
        await Life(simulation, office, story, staff).live(at, service)
    for number in list(simulation.requests.documents):
        await simulation.run_clocks(number, story.now)
    return simulation


async def staff_of(store: StaffCopyStore) -> Staff:
    """The accounts of each role of each department."""
    staff: dict[tuple[str, str], list[str]] = {}
    fields = {"role": 1, "department": 1}
    async for one in store.collection.find({"department": {"$type": "string"}}, fields).sort("_id"):
        staff.setdefault((one["role"], one["department"]), []).append(one["_id"])
    return staff


def replica(n: int, story: CityStory, keys: KeyRing) -> CitizenReplica:
    """An invented citizen, as the service of requests knows citizens. There is no account to sign in with."""
    account, names = account_of(n), story.city["people"]
    name = keys.seal(names[n % len(names)], SealPurpose.CITIZEN_NAME, owner=account)
    mobile = keys.seal(f"+923000001{n:03}", SealPurpose.CITIZEN_MOBILE, owner=account)
    return CitizenReplica(id=account, sealed_name=name, sealed_mobile=mobile, verified=True)


async def write(database: Database, collection: str, documents: list[dict[str, Any]]) -> None:
    """Insert documents as they are."""
    for first in range(0, len(documents), BATCH):
        await database[collection].insert_many(documents[first : first + BATCH], ordered=False)


def main() -> None:
    """Tell the history to the suite in the environment."""
    try:
        find_place().refuse_production()
    except LocalError as error:
        print(f"history: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    print(asyncio.run(tell()))


if __name__ == "__main__":
    main()
