"""The officer responsible for a request, internal notes on it, and officers with an interest in it."""

from typing import Annotated

from fastapi import Depends, Request, Response

from services.routing.api.assignments import (
    DETAILS_ANSWER,
    Seen,
    SeenAssignment,
    actor_of,
    department_of,
    own_assignment,
)
from services.routing.desk import schemas
from services.routing.desk.service.assigning import AnyAssigning, Assign, Assigning, Claim, Release
from services.routing.desk.service.interests import Interest, declare_interest
from services.routing.desk.service.notes import Note, add_note, notes_of
from services.routing.models.assignment import Assignment
from services.routing.service import views
from shared.auth import Principal, needs
from shared.openapi import ETAG, answering
from shared.paging import time_text
from shared.request_headers import Revision
from shared.rights import Right
from shared.routes import Router, use
from shared.seal import SealPurpose

router = Router(prefix="/api/v1/assignments", tags=["assignments"])
Colleague = Annotated[Principal, Depends(needs(Right.TEAMWORK))]
"""An officer, head or appellate authority, and not the department's software."""
UsesAssigning = Annotated[Assigning, use("assigning")]


async def seen_in_team(request: Request, number: str, principal: Colleague, revision: Revision) -> SeenAssignment:
    """What a change by an officer, head or appellate authority needs."""
    return SeenAssignment(request, number, principal, revision)


SeenInTeam = Annotated[SeenAssignment, Depends(seen_in_team)]


async def assign_to(seen: SeenAssignment, assigning: Assigning, act: AnyAssigning) -> Response:
    """Change the responsible officer. Without a change nothing is stored, and the answer is the same."""
    team = await assigning.team(department_of(seen.principal))
    return await seen.answer(lambda one, actor, now: assigning.apply(team, one, act, actor, now))


@router.post("/{number}/claim", responses=DETAILS_ANSWER)
async def claim(seen: SeenInTeam, assigning: UsesAssigning, act: Claim) -> Response:
    """Be responsible for it. Colleagues may act all the same."""
    return await assign_to(seen, assigning, act)


@router.post("/{number}/assign", responses=DETAILS_ANSWER)
async def assign(seen: Seen, assigning: UsesAssigning, act: Assign) -> Response:
    """Make a colleague responsible, or the one present who has the least to do.

    While the colleague is away, the deputy gets it. The one who gets it hears of it.
    """
    return await assign_to(seen, assigning, act)


@router.post("/{number}/release", responses=DETAILS_ANSWER)
async def release(seen: Seen, assigning: UsesAssigning, act: Release) -> Response:
    """Make nobody responsible."""
    return await assign_to(seen, assigning, act)


@router.post("/{number}/recuse", status_code=204)
async def recuse(seen: SeenInTeam, assigning: UsesAssigning, interest: Interest) -> Response:
    """Declare an interest in it: the officer cannot see it any more. A decider's interest sends it one level up."""
    team = await assigning.team(department_of(seen.principal))
    state = seen.request.app.state
    router, keys = state.router, state.settings.keys
    await seen.change(lambda one, actor, now: declare_interest(one, interest, team, actor, router, keys, now))
    return Response(status_code=204)


@router.get("/{number}/notes")
async def list_notes(request: Request, number: str, principal: Colleague) -> schemas.InternalNotes:
    """The internal notes of the caller's department on it, newest first."""
    return await notes_response(request, await own_assignment(request, number, principal), principal)


@router.post("/{number}/notes", status_code=201, responses=answering(schemas.InternalNotes, 201, ETAG))
async def write_note(
    response: Response, seen: SeenInTeam, assigning: UsesAssigning, note: Note
) -> schemas.InternalNotes:
    """Add an internal note; mentioned colleagues hear of it. No citizen and no other department sees it."""
    team, keys = await assigning.team(department_of(seen.principal)), seen.request.app.state.settings.keys
    assignment = await seen.change(lambda one, actor, now: add_note(one, note, team, actor, keys, now))
    response.headers["ETag"] = views.etag(assignment.rev)
    return await notes_response(seen.request, assignment, seen.principal)


async def notes_response(request: Request, assignment: Assignment, principal: Principal) -> schemas.InternalNotes:
    """The notes with names."""
    state, actor = request.app.state, actor_of(request, principal)
    notes = notes_of(assignment, actor.department)
    accounts = {account for note in notes for account in (note["by"], *note["mentions"])}
    names = await state.colleagues.names(accounts, actor.language)
    keys, purpose = state.settings.keys, SealPurpose.REQUEST_INTERNAL_NOTE
    return {
        "notes": [
            {
                "id": note["id"],
                "by": note["by"],
                "by_name": names.get(note["by"]),
                "at": time_text(note["at"]),
                "text": keys.unseal(note["sealed_text"], purpose, owner=assignment.id),
                "mentions": [{"id": one, "name": names.get(one)} for one in note["mentions"]],
            }
            for note in notes
        ]
    }
