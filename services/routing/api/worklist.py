"""The list of a department, for those who work there: what is asked for, how much there is, what its head sees."""

from datetime import timedelta
from typing import Annotated, Literal

from fastapi import Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from services.routing import schemas
from services.routing.api.assignments import Worker, actor_of, department_of
from services.routing.models.assignment import OPEN, AssignmentState
from services.routing.models.worklist import WorklistFilter
from services.routing.service.worklist import Worklist
from shared.auth import Principal, needs
from shared.errors import language_of
from shared.openapi import titled
from shared.rights import Right
from shared.routes import Router, use
from shared.spelling import AS_CODE

router = Router(prefix="/assignments", tags=["assignments"])
Overseer = Annotated[Principal, Depends(needs(Right.OVERSEE))]
Code = Annotated[str | None, Field(pattern=r"^[a-z0-9-]{1,60}$")]
Number = Annotated[str, Field(pattern=r"^RB-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]$"), AS_CODE]
OneState = Annotated[AssignmentState, titled("AssignmentState", AssignmentState)]
ME = "me"
HOURS = 24 * 90


class WorklistQuery(BaseModel):
    """What is asked of the list. All that is given must hold; what is not known is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    state: Annotated[
        list[OneState], Field(max_length=len(AssignmentState), description="any of these; else the open ones")
    ] = []
    service: Code = None
    district: Code = None
    kind: Literal["application", "complaint", "appeal"] | None = None
    late: Annotated[bool | None, Field(description="whether the due date is over while its clock runs")] = None
    owes_new_date: Annotated[bool | None, Field(description="late, and no new date is in force")] = None
    escalated_to: Annotated[Literal["head", "organisation"] | None, Field(description="the official who has it")] = None
    due_within: Annotated[int | None, Field(ge=1, le=HOURS, description="hours from now; without what is late")] = None
    for_head: Annotated[bool | None, Field(description="whether it was disputed or sent back by an authority")] = None
    by: Annotated[
        str | None,
        Field(
            pattern=r"^(me|nobody|[0-9a-f]{32}|department\.[a-z0-9-]{1,60})$",
            description="who works on it: `me`, `nobody`, or an account as in `with`",
        ),
    ] = None
    number: Annotated[list[Number], Field(max_length=50, description="any of these, in whatever state")] = []
    order: Annotated[Literal["due", "newest"], Field(description="due soonest first, or newest first")] = "due"
    limit: Annotated[int, Field(ge=1, le=100)] = 50
    cursor: Annotated[str | None, Field(max_length=80)] = None

    def wanted(self, account: str) -> WorklistFilter:
        """The same for the store; `account` is the caller."""
        by = account if self.by == ME else self.by
        return WorklistFilter(
            states=tuple(self.state) or (tuple(AssignmentState) if self.number else OPEN),
            service=self.service,
            district=self.district,
            kind=self.kind,
            late=self.late,
            owes_new_date=self.owes_new_date,
            escalated_to=self.escalated_to,
            due_within=None if self.due_within is None else timedelta(hours=self.due_within),
            for_head=self.for_head,
            taken_by=by,
            numbers=tuple(self.number),
            newest_first=self.order == "newest",
        )


Lists = Annotated[Worklist, use("worklist")]


@router.get("")
async def list_assignments(
    request: Request, principal: Worker, worklist: Lists, asked: Annotated[WorklistQuery, Query()]
) -> schemas.AssignmentLines:
    """The department's assignments, due soonest first; the open ones unless `state` or `number` names others."""
    actor = actor_of(request, principal)
    return await worklist.page(actor, asked.wanted(principal.id), asked.cursor, asked.limit)


@router.get("/counts")
async def counts(principal: Worker, worklist: Lists) -> schemas.AssignmentCounts:
    """How much the department has of what: for the views beside the list."""
    return await worklist.counts(department_of(principal), principal.id)


@router.get("/overview")
async def overview(request: Request, principal: Overseer, worklist: Lists) -> schemas.Overview:
    """What is late at the caller's department, for how long, and which officer has it; for its head."""
    return await worklist.overview(department_of(principal), language_of(request.headers))
