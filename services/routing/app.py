"""Wiring of the routing service."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

from fastapi import FastAPI

from services.routing import api, handlers
from services.routing.actions import Actions
from services.routing.broker import BrokerAdmin
from services.routing.dead_letters import DeadLetters
from services.routing.desk import api as desk_api
from services.routing.desk.wiring import wire_team, wire_texts
from services.routing.directory import Directory
from services.routing.estimating import DurationEstimator
from services.routing.feed.api import router as queues_router
from services.routing.feed.store import FeedStore
from services.routing.feed.wiring import FeedRoom
from services.routing.figures.service import PublicFigures
from services.routing.figures.store import FigureStore
from services.routing.files import read_calendar, read_departments
from services.routing.metrics import TO_CONFIRM
from services.routing.models.assignment import Assignment
from services.routing.models.colleague import StaffCopy
from services.routing.models.directory import ServiceCopy
from services.routing.provisioning import Provisioning
from services.routing.rules.wiring import RuleRoom
from services.routing.service.acting import Acting
from services.routing.service.changes import Changes
from services.routing.service.clocks import DueClocks
from services.routing.service.colleagues import StaffNames
from services.routing.service.copies import CopiedReplies
from services.routing.service.departments import DepartmentAdmin
from services.routing.service.routing import RequestRouter
from services.routing.service.worklist import Worklist
from services.routing.settings import RoutingSettings
from services.routing.store.assignments import AssignmentStore
from services.routing.store.departments import DepartmentStore, ServiceStore, StaffCopyStore
from services.routing.store.worklist import WorklistStore
from services.routing.subscriptions.api import router as subscriptions_router
from services.routing.subscriptions.wiring import SubscriptionRoom
from services.routing.wakeups import DepartmentWakeUps
from shared import errors, health
from shared.auth import Authenticator
from shared.bus import ACTIONS, Consumer, Publisher, consumer_topology
from shared.inbox import Inbox
from shared.jsonbody import MAX_BYTES
from shared.mongo import OUTAGES, ServerClock, connect
from shared.openapi import show_examples
from shared.routes import add_routes
from shared.runtime import Stream, checks, record_stream, running
from shared.sweep import sweep_forever

ACTIONS_QUEUE = "routing.actions"
PAUSE = 0.02
"""Seconds between two batches of events: enough for filings to share writes, too short for officers to notice."""
DIRECTORY_EVERY = 5.0
"""Seconds between two reads of the departments, which another replica may have created."""

EXAMPLES = Path(__file__).with_name("examples.yaml")


def build_app(settings: RoutingSettings) -> FastAPI:
    """The service as an ASGI application; it connects and starts its background side in its lifespan."""
    entries = read_departments(settings.departments_dir)
    calendar = read_calendar(settings.calendar_file)
    TO_CONFIRM.set_function(lambda: len(calendar.to_confirm(calendar.today())))
    amqp_url = settings.amqp_url.get_secret_value()
    vhost = unquote(urlsplit(amqp_url).path.removeprefix("/")) or "/"

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with connect(settings.mongo_url.get_secret_value(), f"{settings.mongo_prefix}_routing") as database:
            clock = ServerClock(database)
            await clock.measure()
            marks = {"lease": settings.relay_lease, "settle_after": settings.settle_after}
            assignments = AssignmentStore(database["assignments"], clock, **marks)
            department_store = DepartmentStore(database["departments"], clock, **marks)
            services = ServiceStore(database["services"], clock, **marks)
            colleagues = StaffCopyStore(database["colleagues"], clock, **marks)
            for store in (assignments, department_store, services, colleagues):
                await store.create_indexes()
            wakeups = DepartmentWakeUps()
            assignments.on_written = wakeups.add
            directory = Directory(department_store, services)
            estimator = DurationEstimator(assignments, directory, calendar)
            rules = RuleRoom(database, clock, marks, directory, settings.keys)
            await rules.create_indexes()
            router = RequestRouter(directory, calendar, estimator, rules.in_force)
            acting = Acting(directory, router, settings.keys)
            clocks = DueClocks(assignments, directory, router)
            copies = CopiedReplies(assignments)
            broker = BrokerAdmin(settings.amqp_admin_url.get_secret_value(), vhost)
            provisioning = Provisioning(broker, directory, assignments)
            dead_letters = DeadLetters(
                amqp_url, broker, directory, department_store, assignments, settings.letters_every
            )
            departments = DepartmentAdmin(department_store, directory, provisioning)
            feed = FeedStore(database)
            subscriptions = SubscriptionRoom(database, clock, department_store, directory, feed, settings)
            await feed.create_indexes()
            feed_room = FeedRoom(feed, department_store, directory, provisioning, settings)
            figure_store = FigureStore(database)
            await figure_store.create_indexes()
            figures = PublicFigures(figure_store, directory)
            await directory.refresh()
            await rules.in_force.refresh()

            inbox = Inbox(
                assignments, handlers.handlers_of(router), lambda number: Assignment(id=number), expect_new=True
            )
            requests = record_stream(assignments, inbox)
            locating = handlers.RequestInbox(inbox, directory, rules.in_force)
            requests = Stream(requests.types, locating.take, requests.seen)
            catalogue = record_stream(
                services, Inbox(services, handlers.SERVICE_HANDLERS, lambda code: ServiceCopy(id=code))
            )
            staff = record_stream(
                colleagues, Inbox(colleagues, handlers.STAFF_HANDLERS, lambda account: StaffCopy(id=account))
            )
            topology = consumer_topology(ACTIONS_QUEUE, ["department.#"], settings.retry_delays, exchange=ACTIONS)

            def action_consumer(publisher: Publisher) -> list[Consumer]:
                actions = Actions(assignments, acting, publisher, copies, feed_room.queues)
                return [
                    Consumer(
                        amqp_url,
                        ACTIONS_QUEUE,
                        topology,
                        actions.take,
                        publisher=publisher,
                        delays=settings.retry_delays,
                        outages=OUTAGES,
                        max_body=2 * MAX_BYTES,  # the refusal is the same beyond it: too long
                    )
                ]

            async with running(
                "routing",
                settings,
                clock,
                stores={"request@routing": assignments, "department": department_store, "rules": rules.store},
                streams={
                    "service": catalogue,
                    "staff": staff,
                    "request@requests": requests,
                },  # what filings need comes first
                more_topology=topology,
                more_consumers=action_consumer,
                on_unroutable=provisioning.check_now,
                events_by=feed_room.publisher,
                pause=PAUSE,
            ) as runtime:
                # Only now, so that events about new departments leave at once and not with the relay's next sweep.
                await departments.declare(entries)
                await assignments.start_clocks(directory.departments)
                app.state.settings = settings
                app.state.authenticator = Authenticator(settings.jwks_url, settings.issuer)
                app.state.directory = directory
                app.state.assignments = assignments
                app.state.acting = acting
                app.state.copies = copies
                app.state.colleagues = StaffNames(colleagues, directory, settings.keys)
                app.state.worklist = Worklist(WorklistStore(assignments), app.state.colleagues)
                app.state.changes = Changes(WorklistStore(assignments), app.state.colleagues)
                app.state.departments = departments
                automatic = await wire_team(app, router, department_store, colleagues)
                await wire_texts(app, database, clock, **marks)
                app.state.calendar = calendar
                app.state.figures = figures
                for name, use_case in rules.use_cases(app.state.colleagues).items():
                    setattr(app.state, name, use_case)

                async def provisioned() -> bool:
                    return provisioning.ready

                app.state.checks = {**checks(runtime, database), "departments": provisioned}
                async with asyncio.TaskGroup() as tasks:
                    timers = [
                        *subscriptions.serve(app, tasks),
                        *feed_room.serve(app, runtime.publisher, tasks),
                        tasks.create_task(wakeups.run(runtime.publisher)),
                        tasks.create_task(provisioning.run(settings.provision_every)),
                        tasks.create_task(
                            sweep_forever("dead_letters", settings.letters_every, dead_letters.resend_due)
                        ),
                        tasks.create_task(sweep_forever("clocks", settings.clocks_every, clocks.sweep)),
                        tasks.create_task(sweep_forever("figures", settings.figures_every, figures.sweep)),
                        tasks.create_task(sweep_forever("assigning", DIRECTORY_EVERY, automatic.sweep)),
                        tasks.create_task(sweep_forever("directory", DIRECTORY_EVERY, directory.refresh)),
                        tasks.create_task(sweep_forever("rules", DIRECTORY_EVERY, rules.in_force.refresh)),
                        tasks.create_task(
                            sweep_forever("estimates", settings.experience_every, estimator.refresh, at_once=True)
                        ),
                    ]
                    try:
                        yield
                    finally:
                        for timer in timers:
                            timer.cancel()

    app = FastAPI(title="Rabta routing", version="1", lifespan=lifespan, docs_url=None, redoc_url=None)
    errors.install(app, OUTAGES)
    add_routes(app, api.router)
    add_routes(app, subscriptions_router)
    add_routes(app, queues_router)
    add_routes(app, desk_api.router)
    add_routes(app, health.router, any_query=True)
    show_examples(app, EXAMPLES)
    return app
