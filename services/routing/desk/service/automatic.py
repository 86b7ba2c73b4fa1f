"""Assigns new requests automatically where a department chose so: to the officer present with the fewest open ones."""

import structlog

from services.routing.desk.service.assigning import Assigning, give
from services.routing.desk.store.desk import DeskStore
from services.routing.directory import Directory
from services.routing.service.deciding import Actor
from services.routing.service.routing import BY_ROUTING
from services.routing.store.assignments import AssignmentStore
from shared.clock import utc_now

AT_ONCE = 100

log = structlog.get_logger(__name__)


class AutomaticAssigning:
    """The sweep. Any number of replicas may run it: each write is guarded by the revision."""

    def __init__(
        self, directory: Directory, assignments: AssignmentStore, desk: DeskStore, assigning: Assigning
    ) -> None:
        self._directory = directory
        self._assignments = assignments
        self._desk = desk
        self._assigning = assigning

    async def sweep(self) -> None:
        """Assign what nobody is responsible for."""
        for department in list(self._directory.departments.values()):
            if department.auto_assign:
                await self._assign(department.id)

    async def _assign(self, department: str) -> None:
        found = await self._desk.with_nobody(department, AT_ONCE)
        if not found:
            return
        team, actor = await self._assigning.team(department), Actor(BY_ROUTING, department)
        changed = []
        for assignment in found:
            officer = team.least_loaded(assignment) if assignment.has_room_for("assign") else None
            if officer is not None and give(team, assignment, officer, actor, utc_now()):
                changed.append(assignment)
        lost = await self._assignments.save_many(changed)
        log.info("desk.assigned", department=department, requests=len(changed) - len(lost))
