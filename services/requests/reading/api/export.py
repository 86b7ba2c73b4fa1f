"""The export of a citizen's requests and drafts."""

from typing import Annotated

from fastapi import Depends, Query, Request, Response

from services.requests.filing.schemas import ExportedRequests
from services.requests.filing.service.drafts import Drafts
from services.requests.reading.service.reading import Reading
from shared.auth import Principal, needs
from shared.errors import language_of
from shared.rights import Right
from shared.routes import Router, use

router = Router(prefix="/api/v1", tags=["own data"])


@router.get("/requests/export", operation_id="export_requests")
async def export(
    request: Request,
    response: Response,
    principal: Annotated[Principal, Depends(needs(Right.OWN_DATA))],
    reads: Annotated[Reading, use("reading")],
    drafts: Annotated[Drafts, use("drafts")],
    cursor: Annotated[str | None, Query(max_length=80)] = None,
) -> ExportedRequests:
    """All the caller's requests in full, newest first, in pages of 500; `next` is the cursor of the following page.

    The first page also has the drafts.
    """
    response.headers["Cache-Control"] = "no-store"
    return await reads.export(principal.id, cursor, drafts, language_of(request.headers))
