"""The colleagues of a department: what each has, who is away until when, and who stands in."""

import asyncio
from typing import Annotated, Any

from fastapi import Path, Request, Response
from pydantic import Field

from services.routing.api.assignments import actor_of, department_of
from services.routing.api.worklist import Overseer
from services.routing.desk import schemas
from services.routing.desk.api.assigning import Colleague
from services.routing.desk.service.absences import Absences, AbsenceToEnter
from services.routing.desk.service.assigning import AccountId, today
from services.routing.desk.store.desk import DeskStore
from services.routing.models.colleague import StaffCopy
from services.routing.models.directory import DepartmentRecord
from services.routing.service.views import person
from shared.auth import Principal
from shared.changing import change
from shared.jsonbody import Body
from shared.routes import Router, use

router = Router(prefix="/api/v1/desk", tags=["assignments"])
UsesAbsences = Annotated[Absences, use("absences")]
UsesDesk = Annotated[DeskStore, use("desk")]
Account = Annotated[str, Path(pattern=r"^(me|[0-9a-f]{32})$", description="`me`, or an account of the team")]


class Handover(Body):
    """The colleague who gets the open requests; the deputy by default."""

    to: AccountId | None = None


class TeamSettings(Body):
    """How the department assigns."""

    auto_assign: Annotated[
        bool, Field(description="new requests go to the officer present who has the least, within seconds")
    ]


def account_of(account: str, principal: Principal) -> str:
    """The account that a path names."""
    return principal.id if account == "me" else account


@router.get("/team")
async def team(request: Request, principal: Colleague, away: UsesAbsences, desk: UsesDesk) -> schemas.TeamMembers:
    """The officers of the department, by name, with what is open with each."""
    await away.meet(principal)
    return await team_response(request, principal, desk)


@router.put("/team/settings")
async def settings(request: Request, principal: Overseer, desk: UsesDesk, body: TeamSettings) -> schemas.TeamMembers:
    """Choose whether new requests are assigned automatically."""

    def choose(department: DepartmentRecord) -> None:
        department.auto_assign = body.auto_assign

    await change(request.app.state.department_store, department_of(principal), choose)
    await request.app.state.directory.refresh()
    return await team_response(request, principal, desk)


@router.put("/team/{account}/absence")
async def enter_absence(
    request: Request,
    account: Account,
    principal: Colleague,
    away: UsesAbsences,
    desk: UsesDesk,
    body: AbsenceToEnter,
) -> schemas.TeamMembers:
    """Enter an absence; heads enter those of others too. What is assigned meanwhile goes to the deputy."""
    await away.meet(principal)
    await away.enter(actor_of(request, principal), account_of(account, principal), body)
    return await team_response(request, principal, desk)


@router.delete("/team/{account}/absence", status_code=204)
async def end_absence(request: Request, account: Account, principal: Colleague, away: UsesAbsences) -> Response:
    """Remove the absence: the colleague is there."""
    await away.end(actor_of(request, principal), account_of(account, principal))
    return Response(status_code=204)


@router.post("/team/{account}/handover")
async def hand_over(
    request: Request, account: Account, principal: Colleague, away: UsesAbsences, body: Handover
) -> schemas.HandedOver:
    """Assign all open requests of a colleague to the deputy, or to another. Repeated, it moves what is left."""
    moved = await away.hand_over(actor_of(request, principal), account_of(account, principal), body.to)
    return {"moved": moved}


async def team_response(request: Request, principal: Principal, desk: DeskStore) -> schemas.TeamMembers:
    """The team with names."""
    state, actor = request.app.state, actor_of(request, principal)
    members, loads = await asyncio.gather(state.staff.of_department(actor.department), desk.loads(actor.department))
    names = await state.colleagues.names((one.id for one in members), actor.language)
    department = state.directory.departments.get(actor.department)
    shown = [_member(one, loads.get(one.id, {}), names) for one in members]
    shown.sort(key=lambda one: ((one["name"] or "").casefold(), one["id"]))
    return {"members": shown, "auto_assign": bool(department and department.auto_assign)}


def _member(one: StaffCopy, load: dict[str, Any], names: dict[str, str]) -> schemas.TeamMember:
    day = today()
    ahead = one.absence_ahead(day)
    return {
        "id": one.id,
        "name": names.get(one.id),
        "role": one.role,
        "open": load.get("open", 0),
        "late": load.get("late", 0),
        "away": one.is_away(day),
        "away_from": one.away_from if ahead else None,
        "away_until": one.away_until if ahead else None,
        "deputy": person(one.deputy, names) if ahead else None,
    }
