"""Requests and routing in one process, on a clock that is moved: their own rules, without broker and database."""

from collections.abc import Mapping
from datetime import datetime
from types import ModuleType
from typing import Any, cast

from deploy.cli.history.memory import RecordsInMemory
from services.requests import handlers as requests_handlers
from services.requests.catalogue import eligibility
from services.requests.catalogue.service.catalogue import Catalogue
from services.requests.filing.service import intake
from services.requests.life.service import appeals, citizen
from services.requests.life.service.clocks import DUE
from services.requests.request.models import request as request_model
from services.requests.request.models.replicas import CitizenReplica
from services.requests.request.models.request import Request
from services.requests.request.store.requests import RequestStore
from services.routing import handlers as routing_handlers
from services.routing.directory import Directory
from services.routing.estimating import DurationEstimator
from services.routing.models.acts import Act
from services.routing.models.assignment import Assignment
from services.routing.models.calendar import Calendar
from services.routing.service.acting import Acting
from services.routing.service.clocks import DueClocks
from services.routing.service.deciding import Actor
from services.routing.service.routing import RequestRouter
from services.routing.store.assignments import AssignmentStore
from shared.envelope import Envelope
from shared.inbox import Apply, R, read_event, receive
from shared.seal import KeyRing

TIMED: tuple[ModuleType, ...] = (
    intake, eligibility, appeals, citizen, request_model, routing_handlers, requests_handlers
)  # fmt: skip
"""Modules that ask for the time themselves."""


class Simulation:
    """Both services, and `now`."""

    def __init__(self, directory: Directory, catalogue: Catalogue, calendar: Calendar, keys: KeyRing) -> None:
        self.now = datetime.min
        self.requests, self.assignments = RecordsInMemory(Request), RecordsInMemory(Assignment)
        store = cast(RequestStore, self.requests)
        assignments = cast(AssignmentStore, self.assignments)
        estimator = DurationEstimator(assignments, directory, calendar)
        router = RequestRouter(directory, calendar, estimator)
        self.citizen_acts = citizen.CitizenActs(store, catalogue, cast(Any, RecordsInMemory(CitizenReplica)), keys)
        self.appeals = appeals.Appeals(store, keys)
        self._acting = Acting(directory, router, keys, cast(AssignmentStore, None))
        self._clocks = DueClocks(assignments, directory, router, lambda: self.now)
        self._routing: dict[str, Apply[Assignment]] = routing_handlers.handlers_of(router)
        for module in TIMED:
            setattr(module, "utc_now", lambda: self.now)  # noqa: B010  # mypy knows no such attribute

    async def settle(self) -> None:
        """Let each service hear what the other one said, until both are silent."""
        while self.requests.emitted or self.assignments.emitted:
            while self.requests.emitted:
                await self._hear(self.requests.emitted.popleft(), self.assignments, self._routing, Assignment)
            while self.assignments.emitted:
                await self._hear(self.assignments.emitted.popleft(), self.requests, requests_handlers.HANDLERS, Request)

    async def act(self, number: str, act: Act, actor: Actor, *, copied: bool = False) -> None:
        """A department's action. Raises its problems."""
        assignment = await self.assignments.get(number)
        fingerprint = self._acting.fingerprint_of(act)
        known = [(actor.department, fingerprint)] if copied and fingerprint else []
        self._acting.act(assignment, act, actor, self.now, known)
        assert assignment is not None
        await self.assignments.save_many([assignment])
        await self.settle()

    async def run_clocks(self, number: str, until: datetime) -> None:
        """Take what the clocks of a request do by then, in the order of time."""
        while (at := await self._next_clock(number)) is not None and at <= until:
            self.now = max(self.now, at)
            await self._due_date(number)
            await self._waiting(number)
            await self.settle()

    async def _next_clock(self, number: str) -> datetime | None:
        request, assignment = await self.requests.get(number), await self.assignments.get(number)
        times = [record.clock_at for record in (request, assignment) if record is not None]
        return min((at for at in times if at is not None), default=None)

    async def _due_date(self, number: str) -> None:
        assignment = await self.assignments.get(number)
        if assignment is not None and assignment.clock_at is not None and assignment.clock_at <= self.now:
            self._clocks.step(assignment, self.now)
            await self.assignments.save_many([assignment])

    async def _waiting(self, number: str) -> None:
        request = await self.requests.get(number)
        if request is None or request.clock_at is None or request.clock_at > self.now:
            return
        if errand := self.appeals.errands.get(str(request.clock)):
            await errand(request)
            return
        DUE[str(request.clock)](request, self.now)
        await self.requests.save_many([request])

    async def _hear(
        self, envelope: Envelope, records: RecordsInMemory[R], handlers: Mapping[str, Apply[R]], kind: type[R]
    ) -> None:
        def effect(record: R, heard: Envelope) -> None:
            handlers[heard.type](record, read_event(heard), heard)

        record = await records.get(envelope.subject) or kind(**cast(Any, {"id": envelope.subject}))
        receive(record, envelope, effect)
        await records.save_many([record])
