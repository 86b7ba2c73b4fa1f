"""Creates the use cases of the service, its consumed streams, and its background sweeps."""

from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any
from urllib.parse import unquote, urlsplit

from starlette.datastructures import State

from services.routing import handlers
from services.routing.actions import Actions
from services.routing.broker import BrokerAdmin
from services.routing.dead_letters import DeadLetters
from services.routing.desk.service.absences import Absences
from services.routing.desk.service.assigning import Assigning
from services.routing.desk.service.bulk import BulkActing
from services.routing.desk.service.parts import Parts
from services.routing.desk.service.reply_templates import DepartmentTemplates
from services.routing.directory import Directory
from services.routing.estimating import DurationEstimator
from services.routing.feed.metrics import QueueMeter
from services.routing.feed.queues import DepartmentQueues
from services.routing.figures.service import PublicFigures
from services.routing.models.assignment import Assignment
from services.routing.models.calendar import Calendar
from services.routing.models.colleague import StaffCopy
from services.routing.models.directory import ServiceCopy
from services.routing.provisioning import Provisioning
from services.routing.rules.service.in_force import RulesInForce
from services.routing.rules.service.publishing import RulePublishing
from services.routing.rules.service.trying import RuleTrials
from services.routing.rules.service.views import RuleViews
from services.routing.service.acting import Acting
from services.routing.service.clocks import DueClocks
from services.routing.service.colleagues import StaffNames
from services.routing.service.departments import DepartmentAdmin
from services.routing.service.routing import RequestRouter
from services.routing.service.worklist import Worklist
from services.routing.settings import RoutingSettings
from services.routing.stores import RoutingStores
from services.routing.subscriptions.measuring import measure_subscriptions
from services.routing.subscriptions.models.sending import RetryRule
from services.routing.subscriptions.pulling import Pulling
from services.routing.subscriptions.sending import WebhookSender
from services.routing.subscriptions.service import Subscriptions
from shared.bus import ACTIONS, Consumer, Publisher, Topology, consumer_topology
from shared.inbox import Inbox
from shared.jsonbody import MAX_BYTES
from shared.mongo import OUTAGES, ServerClock
from shared.runtime import Stream, record_stream
from shared.sweep import sweep_forever

ACTIONS_QUEUE = "routing.actions"
DIRECTORY_EVERY = 5.0
"""Seconds between two reads of departments and rules, which another replica may have changed."""
MEASURED_EVERY, EXPIRE_EVERY = 15.0, 3600.0
"""Seconds between two sweeps: that measure subscriptions, and that remove old messages."""


def wire(
    state: State, stores: RoutingStores, clock: ServerClock, calendar: Calendar, settings: RoutingSettings
) -> None:
    """Put every use case into `state`, where the routes find it."""
    state.settings, state.calendar, keys = settings, calendar, settings.keys
    state.assignments, state.staff, state.department_store = stores.assignments, stores.staff, stores.departments
    directory = state.directory = Directory(stores.departments, stores.services)
    state.rules = RulesInForce(stores.rule_sets, stores.areas, directory, keys)
    state.estimator = DurationEstimator(stores.assignments, directory, calendar)
    state.router = RequestRouter(directory, calendar, state.estimator, state.rules)
    state.acting = Acting(directory, state.router, keys, stores.assignments)
    state.colleagues = StaffNames(stores.staff, directory, keys)
    state.worklist = Worklist(stores.worklist, state.colleagues)
    state.figures = PublicFigures(stores.figures, directory)
    _wire_departments(state, stores, settings)
    _wire_desk(state, stores)
    _wire_rules(state, stores)
    _wire_subscriptions(state, stores, clock, settings)


def _wire_departments(state: State, stores: RoutingStores, settings: RoutingSettings) -> None:
    vhost = unquote(urlsplit(settings.amqp_url.get_secret_value()).path.removeprefix("/")) or "/"
    state.broker = BrokerAdmin(settings.amqp_admin_url.get_secret_value(), vhost)
    state.provisioning = Provisioning(state.broker, state.directory, stores.assignments)
    state.provisioning.on_counted = QueueMeter(state.directory, stores.feed).measure
    state.departments = DepartmentAdmin(stores.departments, state.directory, state.provisioning)
    state.queues = DepartmentQueues(state.departments, stores.feed)


def _wire_desk(state: State, stores: RoutingStores) -> None:
    keys, assignments, state.desk = state.settings.keys, stores.assignments, stores.desk
    state.assigning = Assigning(stores.staff, stores.desk, assignments)
    state.absences = Absences(state.assigning)
    state.parts = Parts(state.directory, state.router, stores.desk, keys)
    state.saved_views = stores.saved_views
    templates = state.reply_templates = DepartmentTemplates(stores.reply_templates, state.directory, state.colleagues)
    state.bulk = BulkActing(assignments, state.acting, state.assigning, templates, keys)


def _wire_rules(state: State, stores: RoutingStores) -> None:
    rules = state.rules
    state.rule_publishing = RulePublishing(rules, stores.rule_versions)
    state.rule_trials = RuleTrials(rules, stores.past_requests)
    state.rule_views = RuleViews(rules, state.colleagues)


def _wire_subscriptions(state: State, stores: RoutingStores, clock: ServerClock, settings: RoutingSettings) -> None:
    """In demo and test, webhooks may lead to loopback."""
    trial, keys, directory = not settings.is_production, settings.keys, state.directory
    departments, progress, feed = stores.departments, stores.progress, stores.feed
    rule = RetryRule.of_seconds(settings.webhook_pauses, settings.webhook_gives_up)
    state.subscriptions = Subscriptions(departments, directory, progress, feed, keys, trial=trial)
    state.pulling = Pulling(directory, progress, feed)
    state.webhooks = WebhookSender(departments, directory, progress, feed, keys, rule, clock.now, trial=trial)


def streams_of(state: State, stores: RoutingStores) -> dict[str, Stream]:
    """The streams of other services that this one consumes; what filings need comes first."""
    of_services = Inbox(stores.services, handlers.SERVICE_HANDLERS, lambda code: ServiceCopy(id=code))
    of_staff = Inbox(stores.staff, handlers.STAFF_HANDLERS, lambda account: StaffCopy(id=account))
    of_requests = Inbox(
        stores.assignments, handlers.handlers_of(state.router), lambda number: Assignment(id=number), expect_new=True
    )
    requests = record_stream(stores.assignments, of_requests)
    locating = handlers.RequestInbox(of_requests, state.directory, state.rules)
    return {
        "service": record_stream(stores.services, of_services),
        "staff": record_stream(stores.staff, of_staff),
        "request@requests": Stream(requests.types, locating.take, requests.seen),
    }


def topology_of_actions(settings: RoutingSettings) -> Topology:
    """The queue of the actions of departments' software."""
    return consumer_topology(ACTIONS_QUEUE, ["department.#"], settings.retry_delays, exchange=ACTIONS)


def consumers_of_actions(
    state: State, stores: RoutingStores, settings: RoutingSettings
) -> Callable[[Publisher], list[Consumer]]:
    """What consumes that queue, once there is a publisher for the answers."""

    return lambda publisher: [
        Consumer(
            settings.amqp_url.get_secret_value(),
            ACTIONS_QUEUE,
            topology_of_actions(settings),
            Actions(stores.assignments, state.acting, publisher, state.queues).take,
            publisher=publisher,
            delays=settings.retry_delays,
            outages=OUTAGES,
            max_body=2 * MAX_BYTES,  # the refusal is the same beyond it: too long
        )
    ]


def rounds_of(state: State, stores: RoutingStores, settings: RoutingSettings) -> list[Coroutine[Any, Any, None]]:
    """What runs in the background until it is cancelled."""
    directory, assignments = state.directory, stores.assignments
    dead_letters = DeadLetters(
        settings.amqp_url.get_secret_value(),
        state.broker,
        directory,
        stores.departments,
        assignments,
        settings.letters_every,
    )
    clocks = DueClocks(assignments, directory, state.router)
    progress, feed = stores.progress, stores.feed
    keep = timedelta(days=settings.feed_days)
    return [
        state.provisioning.run(settings.provision_every),
        state.webhooks.run(settings.webhooks_every),
        sweep_forever("dead_letters", settings.letters_every, dead_letters.resend_due),
        sweep_forever("clocks", settings.clocks_every, clocks.sweep),
        sweep_forever("figures", settings.figures_every, state.figures.sweep),
        sweep_forever("assigning", DIRECTORY_EVERY, lambda: state.assigning.sweep(directory)),
        sweep_forever("directory", DIRECTORY_EVERY, directory.refresh),
        sweep_forever("rules", DIRECTORY_EVERY, state.rules.refresh),
        sweep_forever("estimates", settings.experience_every, state.estimator.refresh, at_once=True),
        sweep_forever("subscriptions", MEASURED_EVERY, lambda: measure_subscriptions(directory, progress, feed)),
        sweep_forever("feed", EXPIRE_EVERY, lambda: feed.expire_all(keep), at_once=True),
    ]
