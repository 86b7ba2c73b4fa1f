"""One assignment of a department, for its officers: reading it, and each step that they can take."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request, Response
from starlette.responses import JSONResponse

from services.routing import schemas
from services.routing.models import acts
from services.routing.models.assignment import Assignment
from services.routing.service import views
from services.routing.service.acting import Acting
from services.routing.service.deciding import Actor, is_hidden
from shared.auth import Principal, needs
from shared.clock import utc_now
from shared.errors import NotFoundError, PreconditionFailedError, language_of
from shared.openapi import ETAG, answering
from shared.request_headers import Revision
from shared.rights import Right
from shared.routes import Router
from shared.tracking_number import read_number

router = Router(prefix="/api/v1/assignments", tags=["assignments"])
Worker = Annotated[Principal, Depends(needs(Right.WORK))]
DETAILS_ANSWER = answering(schemas.AssignmentDetails, 200, ETAG)


@router.get("/{number}", responses=DETAILS_ANSWER)
async def get_assignment(request: Request, number: str, principal: Worker) -> Response:
    """One assignment of the department, with its ETag for the next action."""
    return await to_response(request, await own_assignment(request, number, principal), principal)


@dataclass(frozen=True)
class SeenAssignment:
    """What every change of an assignment needs: the caller, and the revision that the caller saw."""

    request: Request
    number: str
    principal: Principal
    revision: int

    @property
    def actor(self) -> Actor:
        """The caller."""
        return actor_of(self.request, self.principal)

    async def change(self, fn: Callable[[Assignment, Actor, datetime], object]) -> Assignment:
        """The assignment after `fn`; nothing is stored where `fn` returns False.

        Raises NotFoundError, PreconditionFailedError.
        """
        assignment = await own_assignment(self.request, self.number, self.principal)
        if self.revision != assignment.rev:
            raise PreconditionFailedError
        if fn(assignment, self.actor, utc_now()) is not False:
            if await self.request.app.state.assignments.save_many([assignment]):
                raise PreconditionFailedError
            assignment.rev += 1
        return assignment

    async def act(self, act: acts.AnyAct) -> Response:
        """Apply an officer's action."""
        worker: Acting = self.request.app.state.acting
        copied = await worker.prepare([(department_of(self.principal), read_number(self.number) or "", act)])
        return await self.answer(lambda one, actor, now: worker.act(one, act, actor, now, copied))

    async def answer(self, fn: Callable[[Assignment, Actor, datetime], object]) -> Response:
        """Change it, and answer it whole."""
        return await to_response(self.request, await self.change(fn), self.principal)


async def seen(request: Request, number: str, principal: Worker, revision: Revision) -> SeenAssignment:
    """What a change needs. A class as dependency would run in a thread."""
    return SeenAssignment(request, number, principal, revision)


Seen = Annotated[SeenAssignment, Depends(seen)]


@router.post("/{number}/accept", responses=DETAILS_ANSWER)
async def accept(seen: Seen, act: acts.Accept) -> Response:
    """Take it on."""
    return await seen.act(act)


@router.post("/{number}/ask", responses=DETAILS_ANSWER)
async def ask(seen: Seen, act: acts.Ask) -> Response:
    """Ask the citizen."""
    return await seen.act(act)


@router.post("/{number}/progress", responses=DETAILS_ANSWER)
async def progress(seen: Seen, act: acts.Progress) -> Response:
    """Say what was done."""
    return await seen.act(act)


@router.post("/{number}/transfer", responses=DETAILS_ANSWER)
async def transfer(seen: Seen, act: acts.Transfer) -> Response:
    """Hand it to another department."""
    return await seen.act(act)


@router.post("/{number}/resolve", responses=DETAILS_ANSWER)
async def resolve(seen: Seen, act: acts.Resolve) -> Response:
    """Close it with an outcome and a reply."""
    return await seen.act(act)


@router.post("/{number}/delay", responses=DETAILS_ANSWER)
async def delay(seen: Seen, act: acts.Delay) -> Response:
    """Give the citizen a new date, and the reason for it."""
    return await seen.act(act)


@router.get("/{number}/transfer")
async def get_transfer(request: Request, response: Response, number: str, principal: Worker) -> schemas.TransferredAway:
    """To which department the caller's department transferred the request last, and why; it need not have it now."""
    assignment = await visible_assignment(request, number, principal)
    step = assignment.transfer_from(department_of(principal))
    if step is None:
        raise NotFoundError
    state, language = request.app.state, language_of(request.headers)
    target = state.directory.departments.get(step["department"])
    names = await state.colleagues.names((step["by"],), language)
    response.headers["Cache-Control"] = "no-store"
    name = target.name[language] if target else step["department"]
    return views.transferred(assignment.id, step, name, state.settings.keys, names)


async def own_assignment(request: Request, number: str, principal: Principal) -> Assignment:
    """The assignment, if it is at the principal's department. Raises NotFoundError."""
    assignment = await visible_assignment(request, number, principal)
    if assignment.department != department_of(principal):
        raise NotFoundError
    return assignment


async def visible_assignment(request: Request, number: str, principal: Principal) -> Assignment:
    """The assignment, if it is not hidden from the principal; the caller checks the department. Raises NotFoundError"""
    known = read_number(number)
    assignments = request.app.state.assignments
    assignment: Assignment | None = await assignments.get(known) if known else None
    if assignment is None or await is_hidden(assignments, assignment, principal.id):
        raise NotFoundError
    return assignment


def department_of(principal: Principal) -> str:
    """The department that the principal works for. Raises NotFoundError."""
    if not principal.department:
        raise NotFoundError
    return principal.department


def actor_of(request: Request, principal: Principal) -> Actor:
    """The principal as somebody who acts."""
    return Actor(principal.id, department_of(principal), principal.role, language_of(request.headers))


async def to_response(request: Request, assignment: Assignment, principal: Principal) -> Response:
    """An assignment whole, with its ETag."""
    state, actor = request.app.state, actor_of(request, principal)
    steps = (entry.get(name) for entry in assignment.history for name in ("by", "officer"))
    accounts = (assignment.taken_by, *steps)
    names = await state.colleagues.names(accounts, actor.language)
    wants = state.directory.wants_evidence(assignment.service)
    body = views.detail(assignment, actor, state.settings.keys, names, utc_now(), wants_evidence=wants)
    return JSONResponse(body, headers={"ETag": views.etag(assignment.rev), "Cache-Control": "no-store"})
