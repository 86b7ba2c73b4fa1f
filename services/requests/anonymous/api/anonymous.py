"""Filing without an account, and coming back with the number and the key that were given for it."""

import re
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field
from starlette.responses import JSONResponse

from services.requests.anonymous.service.anonymous import AnonymousDesk
from services.requests.filing.schemas import FiledAnonymously, FiledAppeal
from services.requests.filing.service.filing import Filing
from services.requests.life.api import appeals
from services.requests.life.api.steps import Acts
from services.requests.life.service import citizen
from services.requests.life.service.appeals import Appeals, Grounds
from services.requests.request.api.parts import Number, shown
from services.requests.request.schemas import OwnRequest
from services.requests.request.service import views
from shared.answers import LOCATION, REPLAYED, answering
from shared.auth import Public
from shared.errors import BadRequestError, language_of
from shared.jsonbody import Body, body_of, described, read_body

router = APIRouter(tags=["anonymous"], dependencies=[Public])
LONG_KEY = re.compile(r"[\x21-\x7e]{16,100}")
KEY = "7F3K-9Q2M-XE40-TB5N"
UNNAMED: dict[str, Any] = {
    "service": "rubbish-not-collected",
    "place": {"district": "mardan"},
    "answers": {
        "waste": "household",
        "days_left": 4,
        "place": "Canal Road",
        "description": "The bin has been overflowing for four days.",
    },
}
NO_STORE = {"Cache-Control": "no-store"}


class Keyed(Body):
    """The key that was given with the filing."""

    key: Annotated[str, Field(min_length=16, max_length=40)]


class AnonymousAnswer(Keyed, citizen.Answer):
    """The answer to what the department asked."""


class AnonymousCorrection(Keyed, citizen.Correction):
    """The mended answers, whole."""


class AnonymousConfirmation(Keyed, citizen.Confirmation):
    """Agreement that it is done."""


class AnonymousDispute(Keyed, citizen.Dispute):
    """Why it is not done."""


class Appeal(Keyed, Grounds):
    """Why the head's decision is wrong."""


class AnonymousRating(Keyed, citizen.Rating):
    """How it went."""


class AnonymousWithdrawal(Keyed, citizen.Withdrawal):
    """The filer takes it back."""


def desk_of(request: Request) -> AnonymousDesk:
    """The use case of this process."""
    desk: AnonymousDesk = request.app.state.anonymous
    return desk


Desk = Annotated[AnonymousDesk, Depends(desk_of)]


@router.post(
    "/anonymous-requests",
    status_code=201,
    openapi_extra=described(Filing, UNNAMED),
    responses=answering(FiledAnonymously, 201, LOCATION, REPLAYED),
)
async def file_anonymously(request: Request, desk: Desk) -> Response:
    """File without a name, where the service takes that. The code and the key in the answer are shown this once.

    The number and the code show the status (`/track/{number}?mobile=<code>`), the number and the key let you read and
    act. Nobody can give them to you again. `Idempotency-Key` is needed: at least 16 random characters.
    """
    key = request.headers.get("idempotency-key", "")
    if not LONG_KEY.fullmatch(key):
        raise BadRequestError("idempotency-key-short")
    language = language_of(request.headers)
    given = await desk.file(key, await read_body(request), language)
    number = given.filed.request.id
    signed = request.app.state.receipts.receipt(given.filed.request)
    body: FiledAnonymously = {
        **views.filed(given.filed.request, signed, language),
        "code": given.code,
        "key": given.key,
        "track": f"/api/v1/track/{number}",
    }
    headers = {"Location": f"/api/v1/track/{number}", **NO_STORE}
    if given.filed.replayed:
        headers["Idempotent-Replayed"] = "true"
    return JSONResponse(body, 201, headers)


@router.post("/anonymous-requests/{number}/read", openapi_extra=described(Keyed, {"key": KEY}))
async def read(
    request: Request, number: Number, desk: Desk, body: Annotated[Keyed, Depends(body_of(Keyed))]
) -> OwnRequest:
    """The anonymous request whole, with what the department wrote."""
    return shown(request, await desk.filer(number, body.key))


@router.post(
    "/anonymous-requests/{number}/answer", openapi_extra=described(AnonymousAnswer, {"key": KEY, "answer": "Yes."})
)
async def answer(
    request: Request,
    number: Number,
    desk: Desk,
    acts: Acts,
    body: Annotated[AnonymousAnswer, Depends(body_of(AnonymousAnswer))],
) -> OwnRequest:
    """Answer what the department asked about an anonymous request."""
    filer = await desk.filer(number, body.key)
    return shown(request, await acts.answer(filer.citizen_id, number, body))


@router.post(
    "/anonymous-requests/{number}/correct", openapi_extra=described(AnonymousCorrection, {"key": KEY, "answers": {}})
)
async def correct(
    request: Request,
    number: Number,
    desk: Desk,
    acts: Acts,
    body: Annotated[AnonymousCorrection, Depends(body_of(AnonymousCorrection))],
) -> OwnRequest:
    """Mend the answers of an anonymous request after verification found something."""
    filer = await desk.filer(number, body.key)
    return shown(request, await acts.correct(filer.citizen_id, number, body, language_of(request.headers)))


@router.post(
    "/anonymous-requests/{number}/confirm", openapi_extra=described(AnonymousConfirmation, {"key": KEY, "rating": 4})
)
async def confirm(
    request: Request,
    number: Number,
    desk: Desk,
    acts: Acts,
    body: Annotated[AnonymousConfirmation, Depends(body_of(AnonymousConfirmation))],
) -> OwnRequest:
    """Agree that an anonymous request is done."""
    filer = await desk.filer(number, body.key)
    return shown(request, await acts.confirm(filer.citizen_id, number, body))


@router.post(
    "/anonymous-requests/{number}/dispute",
    openapi_extra=described(AnonymousDispute, {"key": KEY, "reason": "not_done"}),
)
async def dispute(
    request: Request,
    number: Number,
    desk: Desk,
    acts: Acts,
    body: Annotated[AnonymousDispute, Depends(body_of(AnonymousDispute))],
) -> OwnRequest:
    """Say that an anonymous request was closed badly."""
    filer = await desk.filer(number, body.key)
    return shown(request, await acts.dispute(filer.citizen_id, number, body))


@router.post("/anonymous-requests/{number}/withdraw", openapi_extra=described(AnonymousWithdrawal, {"key": KEY}))
async def withdraw(
    request: Request,
    number: Number,
    desk: Desk,
    acts: Acts,
    body: Annotated[AnonymousWithdrawal, Depends(body_of(AnonymousWithdrawal))],
) -> OwnRequest:
    """Take an anonymous request back."""
    filer = await desk.filer(number, body.key)
    return shown(request, await acts.withdraw(filer.citizen_id, number, body))


@router.post(
    "/anonymous-requests/{number}/appeal",
    status_code=201,
    openapi_extra=described(Appeal, {"key": KEY, **appeals.EXAMPLE}),
    responses=answering(FiledAppeal, 201, LOCATION, REPLAYED),
)
async def appeal(
    request: Request,
    number: Number,
    desk: Desk,
    use: Annotated[Appeals, Depends(appeals.appeals_of)],
    body: Annotated[Appeal, Depends(body_of(Appeal))],
) -> Response:
    """Appeal against the head's decision; `Idempotency-Key` is needed. Code and key are those of the first request."""
    filer = await desk.filer(number, body.key)
    return await appeals.answered(request, use, filer.citizen_id, number, body)


@router.post("/anonymous-requests/{number}/rating", openapi_extra=described(AnonymousRating, {"key": KEY, "rating": 4}))
async def rate(
    request: Request,
    number: Number,
    desk: Desk,
    acts: Acts,
    body: Annotated[AnonymousRating, Depends(body_of(AnonymousRating))],
) -> OwnRequest:
    """Rate an anonymous request that is over: once, within 30 days."""
    filer = await desk.filer(number, body.key)
    return shown(request, await acts.rate(filer.citizen_id, number, body))
