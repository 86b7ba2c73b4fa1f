"""Administration of the catalogue: drafts of services are written, previewed and published; services are retired."""

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
from services.requests.catalogue.service import views as views
from services.requests.catalogue.service.catalogue import Catalogue
from services.requests.catalogue.service.preview import Sample, try_out
from services.requests.catalogue.service.publishing import Publishing
from shared.auth import Principal, needs
from shared.errors import InvalidError, Mistake, MistakesError, NotFoundError, field_errors, language_of
from shared.openapi import ETAG, answering
from shared.request_headers import Revision
from shared.rights import Right
from shared.routes import Router, use

router = Router(prefix="/api/v1/admin/services", tags=["administration"])
Manager = Annotated[Principal, Depends(needs(Right.MANAGE_CATALOGUE))]
SERVICE = answering(ServiceWhole, 200, ETAG)


UsesPublishing = Annotated[Publishing, use("publishing")]


@router.get("")
async def list_services(publishing: UsesPublishing, _: Manager) -> ServiceLines:
    """All services with the stages of their versions, including drafts and retired ones."""
    return {"services": [views.summary(stored) for stored in await publishing.all()]}


@router.post("", status_code=201, responses=answering(PublishedService | ServiceWhole, 201, ETAG))
async def publish_service(
    principal: Manager,
    publishing: UsesPublishing,
    entry: CatalogueEntry,
    draft: Annotated[bool, Query(description="start a draft instead of publishing at once")] = False,
) -> Response:
    """Publish an entry at once, or start a draft. Publishing the same entry again makes no new version."""
    if draft:
        return to_response(await publishing.write_draft(entry, principal.id, None), 201)
    stored = await publishing.publish_at_once(entry, principal.id)
    return JSONResponse(
        {"code": stored.id, "version": stored.version}, 201, {"ETag": etag(stored), "Cache-Control": "no-store"}
    )


@router.get("/{code}", responses=SERVICE)
async def service(code: str, publishing: UsesPublishing, _: Manager) -> Response:
    """One service: its current version and its draft."""
    return to_response(await publishing.get(code[:60]))


@router.put("/{code}/draft", responses=SERVICE)
async def write_draft(
    code: str, principal: Manager, publishing: UsesPublishing, entry: CatalogueEntry, revision: Revision
) -> Response:
    """Change the draft, or start one for a published service. It must be previewed again. Needs `If-Match`."""
    if entry.code != code:
        raise MistakesError([Mistake("/code", "choice")])
    return to_response(await publishing.write_draft(entry, principal.id, revision))


@router.delete("/{code}/draft", status_code=204)
async def discard_draft(code: str, publishing: UsesPublishing, _: Manager, revision: Revision) -> Response:
    """Discard the draft. Needs `If-Match`."""
    await publishing.discard_draft(code[:60], revision)
    return Response(status_code=204)


@router.post("/{code}/preview", responses=answering(Tried, 200, ETAG))
async def preview(
    request: Request, response: Response, code: str, publishing: UsesPublishing, _: Manager, sample: Sample
) -> Tried:
    """Preview the draft (or the current version) with sample answers: the checks, and the department.

    The answers are not stored. A draft that accepts them can be published, with the `ETag` of this answer.
    """
    stored = await publishing.get(code[:60])
    text = stored.draft["json"] if stored.draft else stored.entry.get("json")
    if text is None:
        raise NotFoundError
    tried = try_out(Checks(entry_of(text)), sample, language_of(request.headers))
    if not tried.errors:
        stored = await publishing.tried(stored.id, text)
    response.headers["ETag"] = etag(stored)
    return tried


@router.post("/{code}/publish", responses=SERVICE)
async def publish(
    request: Request, code: str, principal: Manager, publishing: UsesPublishing, revision: Revision
) -> Response:
    """Publish the previewed draft. Needs `If-Match`."""
    try:
        return to_response(await publishing.publish(code[:60], principal.id, revision))
    except ValidationError as error:  # it was valid by the rules of an older version of Rabta
        raise InvalidError(errors=field_errors(list(error.errors()), language_of(request.headers))) from None


@router.post("/{code}/retire", responses=SERVICE)
async def retire(code: str, principal: Manager, publishing: UsesPublishing, revision: Revision) -> Response:
    """Retire the service: no new requests; filed ones continue. Needs `If-Match`."""
    return to_response(await publishing.retire(code[:60], principal.id, revision))


@router.get("/{code}/versions")
async def versions(
    code: str, publishing: UsesPublishing, _: Manager, limit: Annotated[int, Query(ge=1, le=100)] = 100
) -> VersionLines:
    """The published versions of a service, newest first."""
    stored = await publishing.get(code[:60])
    return {"versions": [views.published(version, stored) for version in await publishing.versions(stored.id, limit)]}


@router.get("/{code}/versions/{number}", response_model=None, responses=answering(VersionWhole))
async def version(
    code: str,
    number: int,
    publishing: UsesPublishing,
    catalogue: Annotated[Catalogue, use("catalogue")],
    _: Manager,
) -> dict[str, Any]:
    """One published version in full."""
    stored = await publishing.get(code[:60])
    found = await catalogue.version(stored.id, number) if 0 < number < 1_000_000 else None
    if found is None:
        raise NotFoundError
    return {**views.published(found, stored), "entry": entry_of(found.text).model_dump(exclude_none=True)}


def etag(stored: ServiceEntry) -> str:
    """The ETag of a service's record."""
    return f'"{stored.rev}"'


def to_response(stored: ServiceEntry, status: int = 200) -> Response:
    """A service in full, with its ETag."""
    body = {
        **views.summary(stored),
        "entry": entry_of(stored.entry["json"]).model_dump(exclude_none=True) if stored.version else None,
        "draft_entry": entry_of(stored.draft["json"]).model_dump(exclude_none=True) if stored.draft else None,
    }
    return JSONResponse(body, status, {"ETag": etag(stored), "Cache-Control": "no-store"})
