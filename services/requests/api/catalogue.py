"""The catalogue of services: read by everybody, published by administrators."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request

from services.requests.models.catalogue import CatalogueEntry, districts
from shared.auth import Principal, Public, needs
from shared.errors import NotFoundError, language_of
from shared.jsonbody import body_of, described
from shared.rights import Right

router = APIRouter(tags=["catalogue"])
Manager = Annotated[Principal, Depends(needs(Right.MANAGE_CATALOGUE))]


@router.get("/catalogue", dependencies=[Public])
async def catalogue(request: Request) -> dict[str, Any]:
    """Every service: what it is, for whom, by when."""
    language = language_of(request.headers)
    services = [
        {
            "code": entry.code,
            "kind": entry.kind,
            "category": entry.category,
            "name": getattr(entry.name, language),
            "summary": getattr(entry.summary, language),
            "due": entry.due.model_dump(exclude_none=True),
            "version": version,
        }
        for entry, version in request.app.state.catalogue.all()
    ]
    return {"services": services, "districts": {code: name[language] for code, name in districts().items()}}


@router.get("/catalogue/{code}", dependencies=[Public])
async def catalogue_entry(request: Request, code: str) -> dict[str, Any]:
    """One service whole: charter, form and rules, words in both languages."""
    found = await request.app.state.catalogue.find(code[:60])
    if found is None:
        raise NotFoundError
    checks, version = found
    return {**checks.entry.model_dump(exclude_none=True), "version": version}


@router.post("/admin/services", status_code=201, tags=["administration"], openapi_extra=described(CatalogueEntry, {}))
async def publish_service(
    request: Request,
    _: Manager,
    entry: Annotated[CatalogueEntry, Depends(body_of(CatalogueEntry))],
) -> dict[str, Any]:
    """Publish a catalogue entry, or a new version of it."""
    return {"code": entry.code, "version": await request.app.state.catalogue.publish(entry)}
