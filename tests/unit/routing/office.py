"""A routing service in memory, with two departments."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any, cast

from services.routing.actions import Actions
from services.routing.directory import Directory
from services.routing.estimating import DurationEstimator
from services.routing.files import read_calendar
from services.routing.handlers import RequestInbox, handlers_of
from services.routing.models.acts import Act
from services.routing.models.assignment import Assignment
from services.routing.models.directory import DepartmentRecord, ServiceCopy
from services.routing.service.acting import Acting
from services.routing.service.deciding import Actor
from services.routing.service.routing import RequestRouter
from services.routing.settings import RoutingSettings
from services.routing.store.assignments import AssignmentStore, Done
from services.routing.store.departments import DepartmentStore, ServiceStore
from shared import events
from shared.events import Event
from shared.inbox import Inbox
from shared.rights import Role
from tests.builders import CITIZEN, KEYS, NUMBER, a_delivery, a_department, a_service_copy, an_envelope
from tests.fakes import START, MemoryBus, MemoryStore

IDS = count(1)
CALENDAR = read_calendar(RoutingSettings.model_fields["calendar_file"].default)


class AllOf(MemoryStore[Any]):
    """A store that also lists everything, like those of departments and services."""

    async def all(self) -> list[Any]:
        """Every record."""
        return list((await self.load_many(list(self.documents))).values())


class DoneList:
    """A store of assignments with resolved ones only, by service."""

    def __init__(self) -> None:
        self.of: dict[str, list[Done]] = {}

    async def done(self, service: str, since: datetime, limit: int) -> list[Done]:
        """The resolved assignments of a service."""
        return self.of.get(service, [])[:limit]


class AssignmentsInMemory(MemoryStore[Assignment]):
    """Assignments with fingerprints of replies."""

    async def reply_prints(self, pairs: set[tuple[str, str]], within: timedelta) -> list[tuple[str, str, str]]:
        """(department, fingerprint, number) of replies."""
        rows = [(d["department"], d["reply_print"], number) for number, d in self.documents.items()]
        return [row for row in rows if row[:2] in pairs]


class Office:
    """Routing without broker and database."""

    def __init__(self) -> None:
        self.bus = MemoryBus()
        self.assignments = AssignmentsInMemory(Assignment)
        self.departments, self.services = AllOf(DepartmentRecord), AllOf(ServiceCopy)
        stores = cast(DepartmentStore, self.departments), cast(ServiceStore, self.services)
        self.directory = Directory(*stores)
        self.done = DoneList()
        self.estimator = DurationEstimator(cast(AssignmentStore, self.done), self.directory, CALENDAR)
        self.router = RequestRouter(self.directory, CALENDAR, self.estimator)
        store = cast(AssignmentStore, self.assignments)
        self.acting = Acting(self.directory, self.router, KEYS, store)
        self.inbox = Inbox(self.assignments, handlers_of(self.router), lambda key: Assignment(id=key))
        self.requests = RequestInbox(self.inbox, self.directory)
        self.actions = Actions(store, self.acting, self.bus)

    async def open(self, *, knows_services: bool = True) -> "Office":
        """Fill the directory."""
        await self.departments.insert_many([a_department("power"), a_department("roads")])
        if knows_services:
            await self.services.insert_many([a_service_copy()])
        await self.directory.refresh()
        return self

    async def receive(self, *sent: Event, number: str = NUMBER) -> list[str]:
        """Process events of the citizen; returns the outcomes."""
        document = self.assignments.documents.get(number, {})
        first = document.get("inbox", {}).get("requests", 0) + 1
        deliveries = [a_delivery(an_envelope(event, seq, subject=number)) for seq, event in enumerate(sent, first)]
        return [outcome.verdict for outcome in await self.requests.take(deliveries)]

    async def act(
        self, *bodies: bytes, department: str = "power", ids: list[str] | None = None, reply_to: str | None = None
    ) -> list[str]:
        """Process actions of a department's software; returns the outcomes."""
        user = f"department.{department}"
        deliveries = [
            a_delivery(body, message_id=message_id, user_id=user, routing_key=user, tag=tag, reply_to=reply_to)
            for tag, (body, message_id) in enumerate(
                zip(bodies, ids or [f"message-{next(IDS)}" for _ in bodies], strict=True), 1
            )
        ]
        return [outcome.verdict for outcome in await self.actions.take(deliveries)]

    async def as_head(self, *acts: Act, number: str = NUMBER) -> None:
        """Let the head of the department act."""
        record = (await self.assignments.load_many([number]))[number]
        head = Actor("head-1", record.department or "", Role.HEAD)
        for act in acts:
            self.acting.act(record, act, head, START)
        assert not await self.assignments.save_many([record])

    def state(self, number: str = NUMBER) -> str:
        """The state of an assignment."""
        return str(self.assignments.documents[number]["state"])

    def event_types(self, number: str = NUMBER) -> list[str]:
        """The types of an assignment's events."""
        return [event["type"] for event in self.assignments.documents[number]["events"]]


def submitted(**changes: Any) -> events.RequestSubmitted:
    """A verified request."""
    fields: dict[str, Any] = {
        "citizen_id": CITIZEN,
        "service": "street-light-out",
        "service_version": 1,
        "kind": "complaint",
        "district": "peshawar",
        "facts": {"lights": "one"},
        "state": "verifying",
    }
    return events.RequestSubmitted(**fields | changes)
