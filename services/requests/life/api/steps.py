"""The citizen's actions on a filed request."""

from typing import Annotated

from fastapi import Request, Response
from starlette.responses import JSONResponse

from services.requests.filing.schemas import FiledAppeal
from services.requests.life.service import citizen
from services.requests.life.service.appeals import Appeals, Grounds
from services.requests.life.service.citizen import CitizenActs
from services.requests.request.dependencies import BlindKey, Holder, Number, to_response
from services.requests.request.schemas import OwnRequest
from services.requests.request.service import views
from shared.errors import language_of
from shared.openapi import LOCATION, REPLAYED, answering
from shared.routes import Router, use

router = Router(prefix="/api/v1", tags=["requests"])


UsesActs = Annotated[CitizenActs, use("acts")]


@router.patch("/requests/{number}")
async def correct(
    request: Request, number: Number, principal: Holder, acts: UsesActs, body: citizen.Correction
) -> OwnRequest:
    """Correct the answers after verification found a problem; the rules run again."""
    language = language_of(request.headers)
    return to_response(request, await acts.correct(principal.id, number, body, language))


@router.post("/requests/{number}/answer")
async def answer(
    request: Request, number: Number, principal: Holder, acts: UsesActs, body: citizen.Answer
) -> OwnRequest:
    """Answer the department's question. For a merged request: add information, which is read with its primary."""
    return to_response(request, await acts.answer(principal.id, number, body))


@router.post("/requests/{number}/confirm")
async def confirm(
    request: Request, number: Number, principal: Holder, acts: UsesActs, body: citizen.Confirmation
) -> OwnRequest:
    """Confirm the outcome."""
    return to_response(request, await acts.confirm(principal.id, number, body))


@router.post("/requests/{number}/dispute")
async def dispute(
    request: Request, number: Number, principal: Holder, acts: UsesActs, body: citizen.Dispute
) -> OwnRequest:
    """Dispute the outcome; the request goes to the head of the department."""
    return to_response(request, await acts.dispute(principal.id, number, body))


@router.post("/requests/{number}/withdraw")
async def withdraw(
    request: Request, number: Number, principal: Holder, acts: UsesActs, body: citizen.Withdrawal
) -> OwnRequest:
    """Withdraw the request."""
    return to_response(request, await acts.withdraw(principal.id, number, body))


@router.post("/requests/{number}/rating")
async def rate(request: Request, number: Number, principal: Holder, acts: UsesActs, body: citizen.Rating) -> OwnRequest:
    """Rate a finished request, once, within 30 days."""
    return to_response(request, await acts.rate(principal.id, number, body))


@router.post("/requests/{number}/appeal", status_code=201, responses=answering(FiledAppeal, 201, LOCATION, REPLAYED))
async def appeal(
    request: Request,
    number: Number,
    principal: Holder,
    appeals: Annotated[Appeals, use("appeals")],
    key: BlindKey,
    body: Grounds,
) -> Response:
    """Appeal against the head's decision, until the request's `answer_by`. Needs `Idempotency-Key`.

    The appeal has its own number and its own signed receipt.
    """
    filed = await appeals.appeal(principal.id, number, key, body)
    headers = {"Location": f"/api/v1/requests/{filed.request.id}"}
    if filed.replayed:
        headers["Idempotent-Replayed"] = "true"
    signed = request.app.state.receipts.receipt(filed.request)
    answer: FiledAppeal = {
        **views.filed(filed.request, signed, language_of(request.headers)),
        "appeal_of": filed.request.appeal_of,
    }
    return JSONResponse(answer, 201, headers)
