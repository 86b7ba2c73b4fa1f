"""Parts of the work: those that the department asked others for, and those that it was asked for."""

from typing import Annotated, Any, get_args

from fastapi import Path, Query, Request, Response

from services.routing.api.assignments import Seen, Worker, actor_of, department_of, own_assignment, visible_assignment
from services.routing.api.worklist import Time
from services.routing.desk import schemas
from services.routing.desk.service.parts import OPEN_PARTS, Answer, AskPart, PartAnswer, Parts, PartState, part_of
from services.routing.models.assignment import Assignment
from services.routing.service import views
from shared.auth import Principal
from shared.changing import change
from shared.clock import utc_now
from shared.errors import NotFoundError, language_of
from shared.jsonbody import Body
from shared.openapi import ETAG, answering
from shared.paging import time_text
from shared.routes import Router, use
from shared.seal import SealPurpose

router = Router(prefix="/api/v1", tags=["assignments"])
UsesParts = Annotated[Parts, use("parts")]
PartId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]


class Nothing(Body):
    """Nothing has to be said."""


@router.get("/assignments/{number}/parts")
async def list_parts(request: Request, number: str, principal: Worker) -> schemas.PartList:
    """The parts of the work that other departments were asked for."""
    assignment = await own_assignment(request, number, principal)
    return {"parts": [part_response(request, assignment, part, principal) for part in assignment.parts]}


@router.post("/assignments/{number}/parts", status_code=201, responses=answering(schemas.PartList, 201, ETAG))
async def ask_part(response: Response, seen: Seen, parts: UsesParts, body: AskPart) -> schemas.PartList:
    """Ask another department for a part of the work. The request cannot be resolved before it is over."""
    assignment = await seen.change(lambda one, actor, now: parts.ask(one, body, actor, now))
    response.headers["ETag"] = views.etag(assignment.rev)
    shown = [part_response(seen.request, assignment, part, seen.principal) for part in assignment.parts]
    return {"parts": shown}


@router.post("/assignments/{number}/parts/{part}/cancel")
async def cancel_part(
    request: Request, number: str, part: PartId, principal: Worker, parts: UsesParts, _: Nothing
) -> schemas.PartList:
    """Cancel a part; its department hears of it."""
    found, actor = await own_assignment(request, number, principal), actor_of(request, principal)
    assignment = await change(
        request.app.state.assignments, found.id, lambda one: parts.cancel(one, part, actor, utc_now())
    )
    return {"parts": [part_response(request, assignment, one, principal) for one in assignment.parts]}


@router.get("/parts")
async def asked_parts(
    request: Request,
    principal: Worker,
    parts: UsesParts,
    state: Annotated[list[PartState] | None, Query(max_length=5, description="of these; else open ones")] = None,
    changed_since: Annotated[
        Time, Query(description="asked or changed then or later; in whatever state without `state`")
    ] = None,
) -> schemas.PartList:
    """Parts of other departments' work that the caller's department was asked for, due soonest first; at most 200.

    With `changed_since` the one that was changed longest ago comes first.
    """
    states = list(state or (get_args(PartState) if changed_since else OPEN_PARTS))
    found = await parts.asked_of(department_of(principal), states, principal.id, changed_since)
    return {"parts": [part_response(request, assignment, part, principal) for assignment, part in found]}


@router.get("/parts/{number}/{part}")
async def one_part(request: Request, number: str, part: PartId, principal: Worker) -> schemas.Part:
    """A part that the caller's department was asked for, or that another was asked for a request of the caller's."""
    assignment = await visible_assignment(request, number, principal)
    asked, here = part_of(assignment, part)["department"], assignment.department
    if department_of(principal) not in (asked, here):
        raise NotFoundError
    return part_response(request, assignment, part_of(assignment, part), principal)


@router.post("/parts/{number}/{part}/accept")
async def accept_part(request: Request, number: str, part: PartId, principal: Worker, _: Nothing) -> schemas.Part:
    """Take the part on."""
    return await _answer(request, number, part, principal, "accepted")


@router.post("/parts/{number}/{part}/done")
async def finish_part(request: Request, number: str, part: PartId, principal: Worker, body: PartAnswer) -> schemas.Part:
    """Say that the part is done, and what was done."""
    return await _answer(request, number, part, principal, "done", body.words)


@router.post("/parts/{number}/{part}/refuse")
async def refuse_part(request: Request, number: str, part: PartId, principal: Worker, body: PartAnswer) -> schemas.Part:
    """Refuse the part, with a reason."""
    return await _answer(request, number, part, principal, "refused", body.words)


async def _answer(
    request: Request, number: str, part: str, principal: Principal, outcome: Answer, words: str | None = None
) -> schemas.Part:
    """Answer a part. Its state guards the step, so that the same answer sent twice is refused once."""
    assignment, actor = await visible_assignment(request, number, principal), actor_of(request, principal)
    state, parts = request.app.state, request.app.state.parts
    changed = await change(
        state.assignments, assignment.id, lambda one: parts.answer(one, part, outcome, words, actor, utc_now())
    )
    return part_response(request, changed, part_of(changed, part), principal)


def part_response(request: Request, assignment: Assignment, part: dict[str, Any], principal: Principal) -> schemas.Part:
    """A part with its words; those are gone once the request is anonymised."""
    state, language = request.app.state, language_of(request.headers)
    keys, departments = state.settings.keys, state.directory.departments
    words = {
        name: keys.unseal(part[name], SealPurpose.REQUEST_NOTE, owner=assignment.id) if part.get(name) else None
        for name in ("sealed_task", "sealed_words")
    }
    asking, asked = (departments.get(part[name]) for name in ("asking", "department"))
    service = state.directory.services.get(assignment.service)
    return {
        "id": part["id"],
        "number": assignment.id,
        "service": assignment.service,
        "service_name": service.name[language] if service else assignment.service,
        "district": assignment.district,
        "asking": part["asking"],
        "asking_name": asking.name[language] if asking else part["asking"],
        "department": part["department"],
        "department_name": asked.name[language] if asked else part["department"],
        "task": words["sealed_task"],
        "words": words["sealed_words"],
        "state": part["state"],
        "asked_at": time_text(part["at"]),
        "due_at": time_text(part["due_at"]),
        "changed_at": time_text(part.get("changed_at")),
        "details": f"/api/v1/parts/{assignment.id}/{part['id']}",
    }
