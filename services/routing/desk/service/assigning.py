"""The officer responsible for a request: one who takes it, or one whom a colleague or the portal chooses."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

import structlog
from pydantic import Field

from services.routing.desk.models.team import Team, may_have
from services.routing.desk.store.desk import DeskStore
from services.routing.directory import Directory
from services.routing.models.acts import Act
from services.routing.models.assignment import Assignment
from services.routing.service.deciding import Actor
from services.routing.service.routing import BY_ROUTING
from services.routing.store.assignments import AssignmentStore
from services.routing.store.departments import StaffCopyStore
from shared.clock import PAKISTAN, utc_now
from shared.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError, field_error
from shared.events import RequestAssigned
from shared.rights import IN_DEPARTMENT
from shared.transitions import TooManyStepsError, TransitionRefusedError

AT_ONCE = 100
AccountId = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]

log = structlog.get_logger(__name__)


class Claim(Act):
    """The officer takes responsibility."""

    action: Literal["claim"] = "claim"


class Assign(Act):
    """A colleague is responsible, or whoever of those present has the least to do."""

    action: Literal["assign"] = "assign"
    to: Annotated[AccountId | None, Field(description="the account; without it the least loaded who is present")] = None


class Release(Act):
    """Nobody is responsible any more."""

    action: Literal["release"] = "release"


AnyAssigning = Claim | Assign | Release


class Assigning:
    """Changes who is responsible."""

    def __init__(self, staff: StaffCopyStore, desk: DeskStore, assignments: AssignmentStore) -> None:
        self.staff, self.desk, self.assignments = staff, desk, assignments

    async def team(self, department: str) -> Team:
        """The officers of a department now."""
        members, loads = await asyncio.gather(self.staff.of_department(department), self.desk.loads(department))
        open_by = {account: load["open"] for account, load in loads.items()}
        return Team({one.id: one for one in members}, open_by, today())

    def apply(self, team: Team, assignment: Assignment | None, act: AnyAssigning, actor: Actor, now: datetime) -> bool:
        """Apply `act` by `actor` to a record in memory; False if it changes nothing.

        Raises NotFoundError, TransitionRefusedError, TooManyStepsError, ForbiddenError, InvalidError, ConflictError.
        """
        here = assignment is not None and assignment.department == actor.department
        if assignment is None or not here or actor.id in assignment.hidden_from:
            raise NotFoundError
        if actor.id in assignment.barred:
            raise ForbiddenError("barred")
        if isinstance(act, Release):
            return release(assignment, actor, now)
        officer, deputy_for = self._chosen(team, assignment, act, actor)
        return give(team, assignment, officer, actor, now, deputy_for)

    @staticmethod
    def _chosen(team: Team, assignment: Assignment, act: Claim | Assign, actor: Actor) -> tuple[str, str | None]:
        """The account, and the colleague for whom it stands in."""
        if isinstance(act, Claim):
            if actor.role not in IN_DEPARTMENT:
                raise ForbiddenError
            return actor.id, None
        if act.to is None:
            least = team.least_loaded(assignment)
            if least is None:
                raise ConflictError("nobody-present")
            return least, None
        if act.to not in team.members or not may_have(assignment, act.to):
            raise InvalidError(errors=[field_error("/to", "colleague", actor.language)])
        officer = act.to if act.to == actor.id else team.stands_in(act.to, assignment)
        return officer, act.to if officer != act.to else None

    async def sweep(self, directory: Directory) -> None:
        """Assign what nobody is responsible for, at departments that chose this, to the least loaded one present.

        Any number of replicas may run it: each write is guarded by the revision.
        """
        for department in list(directory.departments.values()):
            if department.auto_assign and (found := await self.desk.with_nobody(department.id, AT_ONCE)):
                await self._assign(department.id, found)

    async def _assign(self, department: str, found: Sequence[Assignment]) -> None:
        team, actor, changed = await self.team(department), Actor(BY_ROUTING, department), []
        for assignment in found:
            officer = team.least_loaded(assignment) if assignment.has_room_for("assign") else None
            if officer is not None and give(team, assignment, officer, actor, utc_now()):
                changed.append(assignment)
        lost = await self.assignments.save_many(changed)
        log.info("desk.assigned", department=department, requests=len(changed) - len(lost))


def give(
    team: Team, assignment: Assignment, officer: str, actor: Actor, now: datetime, deputy_for: str | None = None
) -> bool:
    """Make an officer responsible; False if this officer is responsible already."""
    if assignment.taken_by == officer:
        return False
    _require(assignment, "assign")
    assignment.taken_by = officer
    assignment.take("assign", now, by=actor.id, officer=officer, deputy_for=deputy_for)
    _emit(assignment, actor, now, officer, deputy_for)
    team.give(officer)
    return True


def release(assignment: Assignment, actor: Actor, now: datetime) -> bool:
    """Make nobody responsible; False if nobody is."""
    if assignment.taken_by is None:
        return False
    _require(assignment, "release")
    assignment.taken_by = None
    assignment.take("release", now, by=actor.id)
    _emit(assignment, actor, now, None, None)
    return True


def _require(assignment: Assignment, action: str) -> None:
    if not assignment.can(action):
        raise TransitionRefusedError(state=str(assignment.state))
    if not assignment.has_room_for(action):
        raise TooManyStepsError


def _emit(assignment: Assignment, actor: Actor, now: datetime, officer: str | None, deputy_for: str | None) -> None:
    fields = actor.event_fields(assignment)
    assignment.tell(RequestAssigned(**fields, officer=officer, deputy_for=deputy_for), now)


def today() -> str:
    """The day in Pakistan, as absences name it."""
    return utc_now().astimezone(PAKISTAN).date().isoformat()
