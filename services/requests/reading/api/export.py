"""Everything that this service keeps of a citizen's requests, in one piece."""

from typing import Annotated

from fastapi import Depends, Query, Request, Response

from services.requests.filing.schemas import ExportedRequests
from services.requests.reading.service.export import Export
from shared.auth import Principal, needs
from shared.errors import language_of
from shared.rights import Right
from shared.routes import Router

router = Router(tags=["own data"])


@router.get("/requests/export", operation_id="export_requests")
async def export(
    request: Request,
    response: Response,
    principal: Annotated[Principal, Depends(needs(Right.OWN_DATA))],
    cursor: Annotated[str | None, Query(max_length=80)] = None,
) -> ExportedRequests:
    """One's own requests whole, with answers, place and every word; newest first, 500 at once, `next` for more.

    Drafts come with the first page.
    """
    response.headers["Cache-Control"] = "no-store"
    use_case: Export = request.app.state.export
    return await use_case.requests(principal.id, cursor, language_of(request.headers))
