"""The list of a department for its staff, its counts and changes, and the overview for its head."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Literal

from fastapi import Depends, Query, Request
from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from services.routing import schemas
from services.routing.api.assignments import Worker, actor_of, department_of
from services.routing.models.assignment import OPEN, AssignmentState
from services.routing.models.worklist import Order, WorklistFilter
from services.routing.service.worklist import Worklist
from shared.auth import Principal, needs
from shared.clock import PAKISTAN
from shared.errors import language_of
from shared.openapi import titled
from shared.rights import Right
from shared.routes import Router, use
from shared.spelling import AS_CODE

router = Router(prefix="/api/v1/assignments", tags=["assignments"])
live = Router(prefix="/api/v1/assignments", tags=["live"])
Overseer = Annotated[Principal, Depends(needs(Right.OVERSEE))]
Code = Annotated[str | None, Field(pattern=r"^[a-z0-9-]{1,60}$")]
Number = Annotated[str, Field(pattern=r"^RB-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]$"), AS_CODE]
OneState = Annotated[AssignmentState, titled("AssignmentState", AssignmentState)]
SAME = {"service", "district", "kind", "channel", "late", "owes_new_date", "escalated_to", "for_head", "copied"}
"""Fields that the store asks for as they are."""
HOURS = 24 * 90
FIRST, LAST = date(2000, 1, 1), date(2199, 12, 31)
TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ][0-9:.]+([Zz]|[+-][0-9]{2}:[0-9]{2}))?")


def _written(value: object) -> object:
    """A day or a time as text; numbers are neither."""
    if isinstance(value, str) and not TIME.fullmatch(value):
        raise PydanticCustomError("date", "refused")
    return value


def _midnight(day: date) -> datetime:
    """The beginning of a day in Pakistan."""
    return datetime.combine(day, datetime.min.time(), PAKISTAN)


Day = Annotated[date | None, Field(ge=FIRST, le=LAST), BeforeValidator(_written)]
Time = Annotated[AwareDatetime | None, Field(ge=_midnight(FIRST), le=_midnight(LAST)), BeforeValidator(_written)]


class WorklistQuery(BaseModel):
    """What is asked of the list. All that is given must hold; what is not known is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    state: Annotated[
        list[OneState], Field(max_length=len(AssignmentState), description="any of these; else the open ones")
    ] = []
    service: Code = None
    district: Code = None
    kind: Literal["application", "complaint", "appeal"] | None = None
    channel: Annotated[
        Literal["web", "counter", "phone", "open311", "api"] | None, Field(description="how it was filed, where known")
    ] = None
    late: Annotated[bool | None, Field(description="whether the due date is over while its clock runs")] = None
    owes_new_date: Annotated[bool | None, Field(description="late, and no new date is in force")] = None
    escalated_to: Annotated[Literal["head", "organisation"] | None, Field(description="the official who has it")] = None
    due_within: Annotated[int | None, Field(ge=1, le=HOURS, description="hours from now; without what is late")] = None
    for_head: Annotated[bool | None, Field(description="whether it was disputed or sent back by an authority")] = None
    copied: Annotated[bool | None, Field(description="whether its reply is one that many requests got")] = None
    by: Annotated[
        str | None,
        Field(
            pattern=r"^(me|nobody|[0-9a-f]{32}|department\.[a-z0-9-]{1,60})$",
            description="who works on it: `me`, `nobody`, or an account as in `with`",
        ),
    ] = None
    number: Annotated[list[Number], Field(max_length=50, description="any of these, in whatever state")] = []
    received_from: Annotated[Day, Field(description="the first day on which it came, in Pakistan")] = None
    received_to: Annotated[Day, Field(description="the last day on which it came, in Pakistan")] = None
    changed_since: Annotated[
        Time,
        Field(
            description="its last step was taken then or later, in whatever state; the two seconds before are told "
            "again. What went to another department is not in the list any more"
        ),
    ] = None
    order: Annotated[
        Order | None,
        Field(
            description="`due`: due soonest first (the default); `newest`: received last first; `changed`: changed "
            "last first; `unchanged`: changed longest ago first (the default with `changed_since`)"
        ),
    ] = None

    def wanted(self, account: str) -> WorklistFilter:
        """The same for the store; `account` is the caller."""
        return WorklistFilter(
            **self.model_dump(include=SAME),
            states=tuple(self.state) or (tuple(AssignmentState) if self.number or self.changed_since else OPEN),
            due_within=None if self.due_within is None else timedelta(hours=self.due_within),
            taken_by=account if self.by == "me" else self.by,
            numbers=tuple(self.number),
            received_from=_midnight(self.received_from) if self.received_from else None,
            received_until=_midnight(self.received_to) + timedelta(days=1) if self.received_to else None,
            changed_since=self.changed_since and self.changed_since.astimezone(UTC),
            order=self.order or ("unchanged" if self.changed_since else "due"),
        )


class WorklistPage(WorklistQuery):
    """What is asked of one page of the list."""

    limit: Annotated[int, Field(ge=1, le=100)] = 50
    cursor: Annotated[str | None, Field(max_length=80)] = None


UsesWorklist = Annotated[Worklist, use("worklist")]


@router.get("")
async def list_assignments(
    request: Request, principal: Worker, worklist: UsesWorklist, asked: Annotated[WorklistPage, Query()]
) -> schemas.AssignmentLines:
    """The department's assignments, due soonest first.

    The open ones, unless `state`, `number` or `changed_since` asks for others.
    """
    actor = actor_of(request, principal)
    return await worklist.page(actor, asked.wanted(principal.id), asked.cursor, asked.limit)


@router.get("/totals")
async def totals(
    principal: Worker, worklist: UsesWorklist, asked: Annotated[WorklistQuery, Query()]
) -> schemas.AssignmentTotals:
    """How many there are in all: in this list, and in the same list of the caller, the department, and any state.

    Null stands for more than 10,000.
    """
    return await worklist.totals(department_of(principal), principal.id, asked.wanted(principal.id))


@router.get("/counts")
async def counts(principal: Worker, worklist: UsesWorklist) -> schemas.AssignmentCounts:
    """How much the department has of what: for the views beside the list."""
    return await worklist.counts(department_of(principal), principal.id)


@router.get("/overview")
async def overview(request: Request, principal: Overseer, worklist: UsesWorklist) -> schemas.Overview:
    """What is late at the caller's department, for how long, and which officer has it; for its head."""
    return await worklist.overview(department_of(principal), language_of(request.headers))


@live.get("/updates")
async def updates(
    request: Request,
    principal: Worker,
    worklist: UsesWorklist,
    after: Annotated[str, Query(max_length=80)] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> schemas.AssignmentChanges:
    """The department's assignments that changed after a cursor, oldest first; without one only where "now" is.

    Each comes with its last change alone. What changed in the two seconds before the cursor may be told again, with
    the same id.
    """
    language = language_of(request.headers)
    return await worklist.changes(department_of(principal), after, limit, language, principal.id)
