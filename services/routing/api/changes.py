"""Changes at a department, for live streams and for clients that keep a copy of its list."""

from typing import Annotated

from fastapi import Query, Request

from services.routing import schemas
from services.routing.api.assignments import Worker, department_of
from services.routing.api.worklist import UsesWorklist
from shared.errors import language_of
from shared.routes import Router

router = Router(prefix="/api/v1/assignments", tags=["live"])


@router.get("/updates")
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
