"""One's own requests: reading them, and each step that their citizen can take."""

import re
from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BeforeValidator

from services.requests import schemas
from services.requests.api.parts import Acts, Number, Owner, Reader, Reads, shown, with_etag
from services.requests.models.lifecycle import State
from services.requests.service import citizen
from services.requests.service.reading import Asked
from shared.answers import ETAG, answering, titled
from shared.errors import language_of
from shared.jsonbody import body_of, described
from shared.spelling import code_of

router = APIRouter(tags=["requests"])
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
Seen = schemas.OwnRequest | schemas.OwnAppeal | schemas.RequestDetails | schemas.AppealDetails | schemas.Tracked
"""A request by who sees it: its citizen, its department, a clerk who filed it or a follower."""
Stage = Literal["submission", "verification", "processing", "completion"]
RequestState = Annotated[State, titled("RequestState", State)]

Code = Annotated[str | None, Query(pattern=r"^[a-z0-9-]{1,60}$", description="a service's code")]


def iso_day(text: object) -> object:
    """A day as `2026-11-24`. Raises ValueError for what else could be read as one."""
    day = code_of(text) if isinstance(text, str) else ""
    if not DAY.fullmatch(day):
        raise ValueError("not a day")
    return day


Day = Annotated[date | None, BeforeValidator(iso_day)]


def asked(
    state: Annotated[list[RequestState] | None, Query(max_length=20, description="any of these states")] = None,
    stage: Annotated[list[Stage] | None, Query(max_length=4, description="any of these stages")] = None,
    service: Code = None,
    kind: Annotated[Literal["application", "complaint", "appeal"] | None, Query()] = None,
    first: Annotated[Day, Query(alias="from", description="filed on this day or later")] = None,
    last: Annotated[Day, Query(alias="to", description="filed on this day or before")] = None,
    q: Annotated[
        str | None,
        Query(max_length=200, description="words in either script, all of which must stand in it; or its number"),
    ] = None,
) -> Asked:
    """What is asked of the list."""
    return Asked(state or (), stage or (), service, kind, first, last, q)


@router.get("/requests")
async def list_requests(
    principal: Owner,
    reads: Reads,
    wanted: Annotated[Asked, Depends(asked)],
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: Annotated[str | None, Query(max_length=80)] = None,
) -> schemas.RequestLines:
    """One's own requests, newest first; `next` is the cursor of the next page. All that is asked for must hold."""
    return await reads.own(principal.id, wanted, cursor, limit)


@router.get("/requests/updates", tags=["live"])
async def updates(
    principal: Owner,
    reads: Reads,
    after: Annotated[str, Query(max_length=80)] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> schemas.RequestUpdates:
    """Steps of one's own requests after a cursor, oldest first; without a cursor only where "now" is.

    Steps of the two seconds before the cursor may be told again, with the same id.
    """
    return await reads.updates(principal.id, after, limit)


@router.get("/requests/{number}", responses=answering(Seen, 200, ETAG))
async def get_request(request: Request, number: Number, principal: Reader, reads: Reads) -> Response:
    """A request: one's own; for a department one that it has; for a clerk the status of one that they filed."""
    return with_etag(request, *await reads.one(principal, number, language_of(request.headers)))


@router.patch("/requests/{number}", openapi_extra=described(citizen.Correction, {"answers": {}}))
async def correct(
    request: Request,
    number: Number,
    principal: Owner,
    acts: Acts,
    body: Annotated[citizen.Correction, Depends(body_of(citizen.Correction))],
) -> schemas.OwnRequest:
    """Mend the answers after verification found something; the rules run again."""
    language = language_of(request.headers)
    return shown(request, await acts.correct(principal.id, number, body, language))


@router.post("/requests/{number}/answer", openapi_extra=described(citizen.Answer, {"answer": "Yes."}))
async def answer(
    request: Request,
    number: Number,
    principal: Owner,
    acts: Acts,
    body: Annotated[citizen.Answer, Depends(body_of(citizen.Answer))],
) -> schemas.OwnRequest:
    """Answer what the department asked. Of a merged request: tell more, which is read with the other one."""
    return shown(request, await acts.answer(principal.id, number, body))


@router.post("/requests/{number}/confirm", openapi_extra=described(citizen.Confirmation, {"rating": 4}))
async def confirm(
    request: Request,
    number: Number,
    principal: Owner,
    acts: Acts,
    body: Annotated[citizen.Confirmation, Depends(body_of(citizen.Confirmation))],
) -> schemas.OwnRequest:
    """Agree that it is done."""
    return shown(request, await acts.confirm(principal.id, number, body))


@router.post("/requests/{number}/dispute", openapi_extra=described(citizen.Dispute, {"reason": "not_done"}))
async def dispute(
    request: Request,
    number: Number,
    principal: Owner,
    acts: Acts,
    body: Annotated[citizen.Dispute, Depends(body_of(citizen.Dispute))],
) -> schemas.OwnRequest:
    """Say that it was closed badly; it opens again at the department's head."""
    return shown(request, await acts.dispute(principal.id, number, body))


@router.post("/requests/{number}/withdraw", openapi_extra=described(citizen.Withdrawal, {}))
async def withdraw(
    request: Request,
    number: Number,
    principal: Owner,
    acts: Acts,
    body: Annotated[citizen.Withdrawal, Depends(body_of(citizen.Withdrawal))],
) -> schemas.OwnRequest:
    """Take the request back."""
    return shown(request, await acts.withdraw(principal.id, number, body))


@router.post("/requests/{number}/rating", openapi_extra=described(citizen.Rating, {"rating": 4, "words": "Quick."}))
async def rate(
    request: Request,
    number: Number,
    principal: Owner,
    acts: Acts,
    body: Annotated[citizen.Rating, Depends(body_of(citizen.Rating))],
) -> schemas.OwnRequest:
    """Rate a request that is over: once, within 30 days."""
    return shown(request, await acts.rate(principal.id, number, body))
