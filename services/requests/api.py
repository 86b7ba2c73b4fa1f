"""HTTP in, one use case, HTTP out. Filing takes the raw body: it is read once, strictly, by the use case."""

import re
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.responses import JSONResponse

from services.requests.models.catalogue import CatalogueEntry, districts
from services.requests.models.number import read_number
from services.requests.models.request import Request as ServiceRequest
from services.requests.service import citizen, views
from services.requests.service.intake import Filing
from services.requests.service.reading import Reading
from shared.auth import Anybody, CurrentAdmin, CurrentCitizen, Principal, Public
from shared.errors import BadRequestError, NotFoundError, language_of
from shared.jsonbody import body_of, described, read_body

router = APIRouter(prefix="/api/v1")
KEY = re.compile(r"[\x21-\x7e]{1,100}")


def number_of(number: str) -> str:
    """The tracking number in a path, however it was typed. Raises NotFoundError."""
    read = read_number(number)
    if read is None:
        raise NotFoundError
    return read


Number = Annotated[str, Depends(number_of)]


def reading_of(request: Request) -> Reading:
    """The reading use cases of this process."""
    reading: Reading = request.app.state.reading
    return reading


def acts_of(request: Request) -> citizen.CitizenActs:
    """The citizen's use cases of this process."""
    acts: citizen.CitizenActs = request.app.state.acts
    return acts


Reads = Annotated[Reading, Depends(reading_of)]
Acts = Annotated[citizen.CitizenActs, Depends(acts_of)]

FILING = {
    "service": "street-light-out",
    "place": {"district": "peshawar", "address": "Street 4, Hayatabad Phase 3"},
    "answers": {"lights": "one", "description": "The lamp by the school has been dark for a week."},
}


@router.post("/requests", status_code=201, openapi_extra=described(Filing, FILING), tags=["requests"])
async def file_request(request: Request, principal: CurrentCitizen) -> Response:
    """File an application or a complaint. `Idempotency-Key` is needed; 201 means that it is safely stored."""
    return await filing(request, principal)


async def filing(request: Request, principal: Principal) -> Response:
    """Answer a filing; also reached without FastAPI in between (`hotpath.py`)."""
    key = request.headers.get("idempotency-key", "")
    if not KEY.fullmatch(key):
        raise BadRequestError("idempotency-key-required")
    language = language_of(request.headers)
    filed = await request.app.state.intake.file(principal.id, key, await read_body(request), language)
    headers = {"Location": f"/api/v1/requests/{filed.request.id}"}
    if filed.replayed:
        headers["Idempotent-Replayed"] = "true"
    return JSONResponse(views.receipt(filed.request, language), 201, headers)


@router.get("/requests", tags=["requests"])
async def list_requests(
    principal: CurrentCitizen,
    reads: Reads,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: Annotated[str | None, Query(max_length=80)] = None,
) -> dict[str, Any]:
    """One's own requests, newest first; `next` is the cursor of the next page."""
    return await reads.own(principal.id, cursor, limit)


@router.get("/requests/updates", tags=["live"])
async def updates(
    principal: CurrentCitizen,
    reads: Reads,
    after: Annotated[str, Query(max_length=80)] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> dict[str, Any]:
    """Steps of one's own requests after a cursor, oldest first; without a cursor only where "now" is.

    Steps of the two seconds before the cursor may be told again, with the same id.
    """
    return await reads.updates(principal.id, after, limit)


@router.get("/requests/{number}", tags=["requests"])
async def get_request(request: Request, number: Number, principal: Anybody, reads: Reads) -> Response:
    """One's own request; for staff one that is at their department, without who filed it."""
    body, rev = await reads.one(principal, number, language_of(request.headers))
    return with_etag(request, body, rev)


@router.patch("/requests/{number}", tags=["requests"], openapi_extra=described(citizen.Correction, {"answers": {}}))
async def correct(
    request: Request,
    number: Number,
    principal: CurrentCitizen,
    acts: Acts,
    body: Annotated[citizen.Correction, Depends(body_of(citizen.Correction))],
) -> dict[str, Any]:
    """Mend the answers after verification found something; the rules run again."""
    language = language_of(request.headers)
    return shown(request, await acts.correct(principal.id, number, body, language))


@router.post(
    "/requests/{number}/answer", tags=["requests"], openapi_extra=described(citizen.Answer, {"answer": "Yes."})
)
async def answer(
    request: Request,
    number: Number,
    principal: CurrentCitizen,
    acts: Acts,
    body: Annotated[citizen.Answer, Depends(body_of(citizen.Answer))],
) -> dict[str, Any]:
    """Answer what the department asked."""
    return shown(request, await acts.answer(principal.id, number, body))


@router.post(
    "/requests/{number}/confirm", tags=["requests"], openapi_extra=described(citizen.Confirmation, {"rating": 4})
)
async def confirm(
    request: Request,
    number: Number,
    principal: CurrentCitizen,
    acts: Acts,
    body: Annotated[citizen.Confirmation, Depends(body_of(citizen.Confirmation))],
) -> dict[str, Any]:
    """Agree that it is done."""
    return shown(request, await acts.confirm(principal.id, number, body))


@router.post(
    "/requests/{number}/dispute", tags=["requests"], openapi_extra=described(citizen.Dispute, {"reason": "not_done"})
)
async def dispute(
    request: Request,
    number: Number,
    principal: CurrentCitizen,
    acts: Acts,
    body: Annotated[citizen.Dispute, Depends(body_of(citizen.Dispute))],
) -> dict[str, Any]:
    """Say that it was closed badly; it opens again at the department's head."""
    return shown(request, await acts.dispute(principal.id, number, body))


@router.post("/requests/{number}/withdraw", tags=["requests"], openapi_extra=described(citizen.Withdrawal, {}))
async def withdraw(
    request: Request,
    number: Number,
    principal: CurrentCitizen,
    acts: Acts,
    body: Annotated[citizen.Withdrawal, Depends(body_of(citizen.Withdrawal))],
) -> dict[str, Any]:
    """Take the request back."""
    return shown(request, await acts.withdraw(principal.id, number, body))


Mobile = Annotated[str, Query(pattern=r"^[0-9]{4}$", description="the last four digits of the citizen's mobile")]


@router.get("/track/{number}", tags=["tracking"], dependencies=[Public])
async def track(request: Request, number: Number, mobile: Mobile, reads: Reads) -> Response:
    """Status and dates by tracking number and the last four digits of the mobile; nothing personal."""
    body, rev = await reads.tracked(number, mobile, language_of(request.headers))
    return with_etag(request, body, rev)


@router.get("/track/{number}/updates", tags=["live"], dependencies=[Public])
async def track_updates(
    number: Number, mobile: Mobile, reads: Reads, after: Annotated[str, Query(max_length=80)] = ""
) -> dict[str, Any]:
    """Steps of one tracked request after a cursor."""
    return await reads.tracked_updates(number, mobile, after)


@router.get("/catalogue", tags=["catalogue"], dependencies=[Public])
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


@router.get("/catalogue/{code}", tags=["catalogue"], dependencies=[Public])
async def catalogue_entry(request: Request, code: str) -> dict[str, Any]:
    """One service whole: charter, form and rules, words in both languages."""
    found = await request.app.state.catalogue.find(code[:60])
    if found is None:
        raise NotFoundError
    checks, version = found
    return {**checks.entry.model_dump(exclude_none=True), "version": version}


@router.post("/admin/services", status_code=201, tags=["administration"], openapi_extra=described(CatalogueEntry, {}))
async def publish_service(
    request: Request, _: CurrentAdmin, entry: Annotated[CatalogueEntry, Depends(body_of(CatalogueEntry))]
) -> dict[str, Any]:
    """Publish a catalogue entry, or a new version of it."""
    return {"code": entry.code, "version": await request.app.state.catalogue.publish(entry)}


def shown(request: Request, record: ServiceRequest) -> dict[str, Any]:
    """A request as its citizen sees it after a step."""
    return views.whole(record, request.app.state.settings.keys, language_of(request.headers))


def with_etag(request: Request, body: dict[str, Any], rev: int) -> Response:
    """The answer with its ETag, or 304 when the client has it already. Words differ by language, so the tag does."""
    tag = f'"{rev}-{language_of(request.headers)}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Accept-Language"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return JSONResponse(body, headers=headers)
