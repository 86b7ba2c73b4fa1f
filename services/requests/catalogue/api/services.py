"""Administration of the catalogue: services are written as drafts, tried, published, and retired."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import Depends, Query, Request, Response
from pydantic import ValidationError
from starlette.responses import JSONResponse

from services.requests.catalogue.eligibility import Checks
from services.requests.catalogue.models.catalogue import CatalogueEntry
from services.requests.catalogue.models.versions import ServiceEntry, entry_of
from services.requests.catalogue.schemas import (
    PublishedService,
    ServiceLines,
    ServiceWhole,
    Tried,
    VersionLines,
    VersionWhole,
)
from services.requests.catalogue.service import views as entries
from services.requests.catalogue.service.preview import Sample, try_out
from services.requests.catalogue.service.publishing import Publishing
from shared.auth import Principal, needs
from shared.errors import (
    InvalidError,
    Mistake,
    MistakesError,
    NotFoundError,
    field_errors,
    language_of,
)
from shared.openapi import ETAG, answering
from shared.request_headers import Revision
from shared.rights import Right
from shared.routes import Router, use

router = Router(prefix="/admin/services", tags=["administration"])
Manager = Annotated[Principal, Depends(needs(Right.MANAGE_CATALOGUE))]
WHOLE = answering(ServiceWhole, 200, ETAG)


Desk = Annotated[Publishing, use("publishing")]


@router.get("")
async def list_services(desk: Desk, _: Manager) -> ServiceLines:
    """Every service with the stages of its versions, drafts and retired ones too."""
    return {"services": [entries.summary(stored) for stored in await desk.all()]}


@router.post(
    "",
    status_code=201,
    responses=answering(PublishedService | ServiceWhole, 201, ETAG),
)
async def publish_service(
    principal: Manager,
    desk: Desk,
    entry: CatalogueEntry,
    draft: Annotated[bool, Query(description="begin a draft instead of publishing at once")] = False,
) -> Response:
    """Publish an entry at once, or begin a draft of it. The same entry again is the same version."""
    if draft:
        return to_response(await desk.write_draft(entry, principal.id, None), 201)
    stored = await desk.publish_at_once(entry, principal.id)
    return JSONResponse(
        {"code": stored.id, "version": stored.version}, 201, {"ETag": etag(stored), "Cache-Control": "no-store"}
    )


@router.get("/{code}", responses=WHOLE)
async def service(code: str, desk: Desk, _: Manager) -> Response:
    """One service: what is in force, and its draft."""
    return to_response(await desk.get(code[:60]))


@router.put("/{code}/draft", responses=WHOLE)
async def write_draft(code: str, principal: Manager, desk: Desk, entry: CatalogueEntry, revision: Revision) -> Response:
    """Change the draft, or begin one for a service that is published. It has to be tried again. Needs `If-Match`."""
    if entry.code != code:
        raise MistakesError([Mistake("/code", "choice")])
    return to_response(await desk.write_draft(entry, principal.id, revision))


@router.delete("/{code}/draft", status_code=204)
async def discard_draft(code: str, desk: Desk, _: Manager, revision: Revision) -> Response:
    """Throw the draft away. Needs `If-Match`."""
    await desk.discard_draft(code[:60], revision)
    return Response(status_code=204)


@router.post(
    "/{code}/preview",
    response_model=None,
    responses=answering(Tried, 200, ETAG),
)
async def preview(
    request: Request,
    response: Response,
    code: str,
    desk: Desk,
    _: Manager,
    sample: Sample,
) -> dict[str, Any]:
    """Try the draft (or what is in force) with sample answers: what a citizen would see, and where it goes.

    Nothing of the answers is kept. A draft that took them may be published, under the `ETag` of this answer.
    """
    stored = await desk.get(code[:60])
    text = stored.draft["json"] if stored.draft else stored.entry.get("json")
    if text is None:
        raise NotFoundError
    tried = try_out(Checks(entry_of(text)), sample, language_of(request.headers))
    if not tried.errors:
        stored = await desk.tried(stored.id, text)
    response.headers["ETag"] = etag(stored)
    return {**asdict(tried), "entry": entry_of(text).model_dump(exclude_none=True)}


@router.post("/{code}/publish", responses=WHOLE)
async def publish(request: Request, code: str, principal: Manager, desk: Desk, revision: Revision) -> Response:
    """Put the draft in force as it was tried. Needs `If-Match`."""
    try:
        return to_response(await desk.publish(code[:60], principal.id, revision))
    except ValidationError as error:  # it was in order when it was written, by the rules of an older Rabta
        raise InvalidError(errors=field_errors(list(error.errors()), language_of(request.headers))) from None


@router.post("/{code}/retire", responses=WHOLE)
async def retire(code: str, principal: Manager, desk: Desk, revision: Revision) -> Response:
    """Take no more filings for this service; requests that were filed go on. Needs `If-Match`."""
    return to_response(await desk.retire(code[:60], principal.id, revision))


@router.get("/{code}/versions")
async def versions(code: str, desk: Desk, _: Manager, limit: Annotated[int, Query(ge=1, le=100)] = 100) -> VersionLines:
    """The published versions of a service, newest first."""
    stored = await desk.get(code[:60])
    return {"versions": [entries.published(version, stored) for version in await desk.versions(stored.id, limit)]}


@router.get("/{code}/versions/{number}", response_model=None, responses=answering(VersionWhole))
async def version(request: Request, code: str, number: int, desk: Desk, _: Manager) -> dict[str, Any]:
    """One published version, whole."""
    stored = await desk.get(code[:60])
    found = await request.app.state.catalogue.version(stored.id, number) if 0 < number < 1_000_000 else None
    if found is None:
        raise NotFoundError
    return {**entries.published(found, stored), "entry": entry_of(found.text).model_dump(exclude_none=True)}


def etag(stored: ServiceEntry) -> str:
    """The strong ETag of a service's record."""
    return f'"{stored.rev}"'


def to_response(stored: ServiceEntry, status: int = 200) -> Response:
    """A service whole, with its ETag for the next step."""
    body = {
        **entries.summary(stored),
        "entry": entry_of(stored.entry["json"]).model_dump(exclude_none=True) if stored.version else None,
        "draft_entry": entry_of(stored.draft["json"]).model_dump(exclude_none=True) if stored.draft else None,
    }
    return JSONResponse(body, status, {"ETag": etag(stored), "Cache-Control": "no-store"})
