"""Drafts of filings: their citizen starts, reads, changes and deletes them."""

import re
from typing import Annotated

from fastapi import Depends, Request, Response
from starlette.responses import JSONResponse

from services.requests.filing import schemas
from services.requests.filing.schemas import DraftLine, OwnDraft
from services.requests.filing.service.drafts import DraftFiling, DraftService, DraftView, missing_and_wrong
from services.requests.request.dependencies import BlindKey, Owner
from shared.errors import NotFoundError, language_of
from shared.openapi import ETAG, LOCATION, REPLAYED, answering
from shared.paging import time_text
from shared.request_headers import Revision
from shared.routes import Router, use

router = Router(prefix="/api/v1/drafts", tags=["drafts"])
ID = re.compile(r"[0-9a-f]{32}")


async def id_of(draft: str) -> str:
    """The id in the path. Raises NotFoundError."""
    if not ID.fullmatch(draft):
        raise NotFoundError
    return draft


UsesDrafts = Annotated[DraftService, use("drafts")]
DraftId = Annotated[str, Depends(id_of)]


@router.post("", status_code=201, responses=answering(OwnDraft, 201, ETAG, LOCATION, REPLAYED))
async def begin(request: Request, principal: Owner, drafts: UsesDrafts, key: BlindKey, body: DraftFiling) -> Response:
    """Start a draft; a citizen can have 20, each kept for seven days after its last change. Needs `Idempotency-Key`.

    `missing` lists the fields still to be filled in, `wrong` those with errors. Uploaded files are kept for 24 hours;
    a deleted one is listed in `wrong` and has to be uploaded again. To file the draft, send it as a filing with its id
    in `draft`; the draft is deleted once the request is stored.
    """
    view, replayed = await drafts.begin(principal.id, key, body, language_of(request.headers))
    headers = {"Location": f"/api/v1/drafts/{view.draft.id}"}
    if replayed:
        headers["Idempotent-Replayed"] = "true"
    return to_response(view, 201, headers)


@router.get("")
async def list_drafts(request: Request, principal: Owner, drafts: UsesDrafts) -> schemas.Drafts:
    """The caller's drafts, last changed first."""
    return {"drafts": [summary(view) for view in await drafts.own(principal.id, language_of(request.headers))]}


@router.get("/{draft}", responses=answering(OwnDraft, 200, ETAG))
async def one(request: Request, principal: Owner, draft: DraftId, drafts: UsesDrafts) -> Response:
    """One draft in full, with missing and wrong fields."""
    return to_response(await drafts.one(principal.id, draft, language_of(request.headers)))


@router.put("/{draft}", responses=answering(OwnDraft, 200, ETAG))
async def write(
    request: Request, principal: Owner, draft: DraftId, drafts: UsesDrafts, revision: Revision, body: DraftFiling
) -> Response:
    """Replace a draft. Needs `If-Match`; repeating the same content gets the same answer."""
    return to_response(await drafts.write(principal.id, draft, revision, body, language_of(request.headers)))


@router.delete("/{draft}", status_code=204)
async def remove(principal: Owner, draft: DraftId, drafts: UsesDrafts) -> Response:
    """Delete a draft. Repeating it changes nothing."""
    await drafts.remove(principal.id, draft)
    return Response(status_code=204)


def summary(view: DraftView) -> DraftLine:
    """A draft in a list."""
    missing, wrong = missing_and_wrong(view.errors)
    return {
        "id": view.draft.id,
        "service": view.draft.service,
        "begun_at": time_text(view.draft.begun_at),
        "changed_at": time_text(view.draft.changed_at),
        "expires_at": time_text(view.draft.expires_at),
        "missing": missing,
        "wrong": wrong,
        "complete": not view.errors,
    }


def to_response(view: DraftView, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A draft in full, with its ETag."""
    tag = {"ETag": f'"{view.draft.revision}"', "Cache-Control": "no-store"}
    body: OwnDraft = {**summary(view), "filing": view.filing, "files": view.files}
    return JSONResponse(body, status, {**tag, **(headers or {})})
