"""The routing service as an ASGI application; `wiring` creates its use cases."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI

from services.routing import api
from services.routing.desk import api as desk_api
from services.routing.feed.api import router as queues_router
from services.routing.feed.publishing import FeedPublisher
from services.routing.files import read_calendar, read_departments
from services.routing.metrics import TO_CONFIRM
from services.routing.settings import RoutingSettings
from services.routing.stores import RoutingStores
from services.routing.subscriptions.api import managing, taking
from services.routing.wakeups import DepartmentWakeUps
from services.routing.wiring import consumers_of_actions, rounds_of, streams_of, topology_of_actions, wire
from shared.application import service_app
from shared.auth import Authenticator
from shared.mongo import ServerClock, connect
from shared.routes import add_routes
from shared.runtime import checks, running

PAUSE = 0.02
"""Seconds between two batches of events: enough for filings to share writes, too short for officers to notice."""
EXAMPLES = Path(__file__).with_name("examples.yaml")


def build_app(settings: RoutingSettings) -> FastAPI:
    """The service as an ASGI application; it connects and starts its background side in its lifespan."""
    entries = read_departments(settings.departments_dir)  # a bad file stops the start, before anything is connected
    calendar = read_calendar(settings.calendar_file)
    TO_CONFIRM.set_function(lambda: len(calendar.to_confirm(calendar.today())))

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with connect(settings.mongo_url.get_secret_value(), f"{settings.mongo_prefix}_routing") as database:
            clock, state = ServerClock(database), app.state
            await clock.measure()
            stores = RoutingStores(database, clock, settings)
            await stores.create_indexes()
            wakeups = DepartmentWakeUps()
            stores.assignments.on_written = wakeups.add
            state.authenticator = Authenticator(settings.jwks_url, settings.issuer)
            wire(state, stores, clock, calendar, settings)
            await state.directory.refresh()
            await state.rules.refresh()
            async with running(
                "routing",
                settings,
                clock,
                stores={
                    "request@routing": stores.assignments,
                    "department": stores.departments,
                    "rules": stores.rule_sets,
                },
                streams=streams_of(state, stores),
                more_topology=topology_of_actions(settings),
                more_consumers=consumers_of_actions(state, stores, settings),
                on_unroutable=state.provisioning.check_now,
                events_by=lambda publisher: FeedPublisher(publisher, stores.feed, state.directory),
                pause=PAUSE,
            ) as runtime:
                # Only now, so that events about new departments leave at once and not with the relay's next sweep.
                await state.departments.declare(entries)
                await stores.assignments.start_clocks(state.directory.departments)
                state.publisher = runtime.publisher

                async def provisioned() -> bool:
                    ready: bool = state.provisioning.ready
                    return ready

                state.checks = {**checks(runtime, database), "departments": provisioned}
                async with asyncio.TaskGroup() as tasks:
                    rounds = [wakeups.run(runtime.publisher), *rounds_of(state, stores, settings)]
                    timers = [tasks.create_task(one) for one in rounds]
                    try:
                        yield
                    finally:
                        for timer in timers:
                            timer.cancel()

    app = service_app("routing", api.router, EXAMPLES, lifespan)
    for router in (taking.router, managing.router, queues_router, desk_api.router):
        add_routes(app, router)
    return app
