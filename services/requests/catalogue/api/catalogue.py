"""The public catalogue of services. Answers are the same for everybody, so that caches may keep them."""

import hashlib
from typing import Annotated, Any

from fastapi import Query, Request, Response
from starlette.responses import JSONResponse

from services.requests.catalogue.schemas import Districts, Services, ShownEntry
from services.requests.catalogue.service.catalogue import Catalogue
from services.requests.catalogue.service.views import CatalogueQuery, all_districts, offered
from shared.auth import Public
from shared.errors import NotFoundError
from shared.openapi import ETAG, answering
from shared.request_headers import client_has
from shared.routes import Router, use

router = Router(prefix="/api/v1", tags=["catalogue"])
CACHED = "public, max-age=60"
UsesCatalogue = Annotated[Catalogue, use("catalogue")]


@router.get("/catalogue", dependencies=[Public], responses=answering(Services, 200, ETAG))
async def catalogue(request: Request, query: Annotated[CatalogueQuery, Query()], services: UsesCatalogue) -> Response:
    """The services on offer: what each is, for whom, and by when. Texts are in both languages.

    `q` searches in English, Urdu, and Urdu in Latin letters, and forgives small mistakes; the best match comes first.
    Without `q` all services are listed, ordered by code.
    """
    return public_response(request, offered(services, query))


@router.get("/catalogue/{code}", dependencies=[Public], responses=answering(ShownEntry, 200, ETAG))
async def catalogue_entry(
    request: Request,
    code: str,
    services: UsesCatalogue,
    version: Annotated[int | None, Query(ge=1, le=1_000_000)] = None,
) -> Response:
    """One service in full: charter, form and rules, with texts in both languages.

    `version` selects an older version, such as the `service_version` of a request. Retired services are still shown.
    """
    found = await services.find(code[:60])
    if found is None:
        raise NotFoundError
    checks, newest = found
    if version is not None and version != newest:
        older = await services.find_version(code[:60], version)
        if older is None:
            raise NotFoundError
        checks = older
    entry = checks.entry.model_dump(exclude_none=True)
    return public_response(request, {**entry, "version": version or newest, "retired": services.is_retired(code)})


@router.get("/districts", dependencies=[Public], responses=answering(Districts, 200, ETAG))
async def districts(request: Request) -> Response:
    """The districts that requests can be about; a service may be offered in some of them only."""
    return public_response(request, all_districts())


def public_response(request: Request, body: Any) -> Response:
    """A public answer with its ETag, or 304 if the client already has it."""
    answer = JSONResponse(body, headers={"Cache-Control": CACHED})
    tag = f'"{hashlib.blake2b(bytes(answer.body), digest_size=12).hexdigest()}"'
    if client_has(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers={"ETag": tag, "Cache-Control": CACHED})
    answer.headers["ETag"] = tag
    return answer
