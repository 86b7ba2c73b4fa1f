"""The catalogue of services, as everybody reads it."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from services.requests import schemas
from services.requests.catalogue import Catalogue
from services.requests.models.catalogue import districts
from shared.answers import answering
from shared.auth import Public
from shared.errors import NotFoundError, language_of

router = APIRouter(tags=["catalogue"])


@router.get("/catalogue", dependencies=[Public])
async def catalogue(request: Request) -> schemas.Services:
    """Every service: what it is, for whom, by when."""
    language = language_of(request.headers)
    services: list[schemas.Service] = [
        {
            "code": entry.code,
            "kind": entry.kind,
            "category": entry.category,
            "name": getattr(entry.name, language),
            "summary": getattr(entry.summary, language),
            "due": entry.due.model_dump(exclude_none=True),
            "confidential": entry.confidential,
            "anonymous": entry.anonymous,
            "version": version,
        }
        for entry, version in request.app.state.catalogue.all()
    ]
    return {"services": services, "districts": {code: name[language] for code, name in districts().items()}}


@router.get("/catalogue/{code}", dependencies=[Public], response_model=None, responses=answering(schemas.ShownEntry))
async def catalogue_entry(
    request: Request, code: str, version: Annotated[int | None, Query(ge=1, le=1_000_000)] = None
) -> dict[str, Any]:
    """One service whole: charter, form and rules, words in both languages.

    `version` asks for an older one, such as a request names in `service_version`. A retired service is still shown.
    """
    known: Catalogue = request.app.state.catalogue
    found = await known.find(code[:60])
    if found is None:
        raise NotFoundError
    checks, newest = found
    if version is not None and version != newest:
        older = await known.find_version(code[:60], version)
        if older is None:
            raise NotFoundError
        checks = older
    retired = known.is_retired(code)
    return {**checks.entry.model_dump(exclude_none=True), "version": version or newest, "retired": retired}
