"""What a department's list shows of its requests."""

from typing import Annotated

from fastapi import Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from services.requests.reading.service.at_department import MAX_FOUND, DepartmentReading
from services.requests.request import schemas
from shared.auth import Principal, needs
from shared.errors import InvalidError, field_error, language_of
from shared.rights import Right
from shared.routes import Router, use
from shared.spelling import AS_CODE

router = Router(prefix="/api/v1", tags=["requests"])
Worker = Annotated[Principal, Depends(needs(Right.WORK))]
TrackingNumber = Annotated[str, Field(pattern=r"^RB-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]$"), AS_CODE]


class LineQuery(BaseModel):
    """The query: numbers, or a text."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    number: Annotated[list[TrackingNumber], Field(max_length=MAX_FOUND)] = []
    q: Annotated[
        str | None,
        Field(max_length=200, description="the start of a number, or parts of words that must all occur"),
    ] = None


@router.get("/requests/lines")
async def lines(
    request: Request,
    principal: Worker,
    at_department: Annotated[DepartmentReading, use("at_department")],
    query: Annotated[LineQuery, Query()],
) -> schemas.DepartmentLines:
    """What a department's list shows of requests besides their assignments: by `number`, or found by `q`.

    Requests of other departments are left out. Listing a request enters its citizen's access trail.
    """
    if bool(query.number) == (query.q is not None):
        raise InvalidError(errors=[field_error("/q", "number_or_words", language_of(request.headers))])
    if query.q is not None:
        return await at_department.found(principal, query.q)
    return await at_department.numbered(principal, query.number)
