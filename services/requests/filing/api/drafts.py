"""Drafts of filings: begun, written on, looked at, thrown away, by their citizen."""

import re
from typing import Annotated

from fastapi import Depends, Request, Response
from starlette.responses import JSONResponse

from services.requests.filing import schemas
from services.requests.filing.schemas import DraftLine, OwnDraft
from services.requests.filing.service.drafts import DraftFiling, Drafts, DraftView, missing_and_wrong
from services.requests.request.dependencies import BlindKey, Owner
from shared.errors import NotFoundError, language_of
from shared.openapi import ETAG, LOCATION, REPLAYED, answering
from shared.paging import time_text
from shared.request_headers import Revision
from shared.routes import Router, use

router = Router(prefix="/drafts", tags=["drafts"])
ID = re.compile(r"[0-9a-f]{32}")


async def id_of(draft: str) -> str:
    """The id in the path. Raises NotFoundError."""
    if not ID.fullmatch(draft):
        raise NotFoundError
    return draft


Desk = Annotated[Drafts, use("drafts")]
DraftId = Annotated[str, Depends(id_of)]


@router.post(
    "",
    status_code=201,
    responses=answering(OwnDraft, 201, ETAG, LOCATION, REPLAYED),
)
async def begin(request: Request, principal: Owner, desk: Desk, key: BlindKey, body: DraftFiling) -> Response:
    """Begin a draft; at most 20 a citizen, each kept for seven days after its last change. Needs `Idempotency-Key`.

    `missing` names the fields that are still to be filled in, `wrong` those that the form does not take as they are.
    A file is kept for 24 hours after it was sent; one that is gone by then is among `wrong`, to be sent again.
    File it like any other filing, with `draft` set to its id: the draft goes once the request is safely stored.
    """
    shown, replayed = await desk.begin(principal.id, key, body, language_of(request.headers))
    headers = {"Location": f"/api/v1/drafts/{shown.draft.id}"}
    if replayed:
        headers["Idempotent-Replayed"] = "true"
    return to_response(shown, 201, headers)


@router.get("")
async def list_drafts(request: Request, principal: Owner, desk: Desk) -> schemas.Drafts:
    """One's own drafts, those changed last first."""
    return {"drafts": [summary(shown) for shown in await desk.own(principal.id, language_of(request.headers))]}


@router.get("/{draft}", responses=answering(OwnDraft, 200, ETAG))
async def one(request: Request, principal: Owner, draft: DraftId, desk: Desk) -> Response:
    """One draft whole, with what is still missing."""
    return to_response(await desk.one(principal.id, draft, language_of(request.headers)))


@router.put("/{draft}", responses=answering(OwnDraft, 200, ETAG))
async def write(
    request: Request, principal: Owner, draft: DraftId, desk: Desk, revision: Revision, body: DraftFiling
) -> Response:
    """Write a draft whole. Needs `If-Match`; the same text again is answered like the first time."""
    return to_response(await desk.write(principal.id, draft, revision, body, language_of(request.headers)))


@router.delete("/{draft}", status_code=204)
async def remove(principal: Owner, draft: DraftId, desk: Desk) -> Response:
    """Throw a draft away; again, nothing happens."""
    await desk.remove(principal.id, draft)
    return Response(status_code=204)


def summary(shown: DraftView) -> DraftLine:
    """A draft as a line of a list."""
    missing, wrong = missing_and_wrong(shown.errors)
    return {
        "id": shown.draft.id,
        "service": shown.draft.service,
        "begun_at": time_text(shown.draft.begun_at),
        "changed_at": time_text(shown.draft.changed_at),
        "expires_at": time_text(shown.draft.expires_at),
        "missing": missing,
        "wrong": wrong,
        "complete": not shown.errors,
    }


def to_response(shown: DraftView, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A draft whole, with its ETag."""
    tag = {"ETag": f'"{shown.draft.revision}"', "Cache-Control": "no-store"}
    whole: OwnDraft = {**summary(shown), "filing": shown.filing, "files": shown.files}
    return JSONResponse(whole, status, {**tag, **(headers or {})})
