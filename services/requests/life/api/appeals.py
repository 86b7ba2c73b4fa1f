"""Appealing against what the head of a department decided."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from starlette.responses import JSONResponse

from services.requests.filing.schemas import FiledAppeal
from services.requests.life.service.appeals import Appeals, Grounds
from services.requests.request.api.parts import Number, Owner, idempotency_key
from services.requests.request.service import views
from shared.answers import LOCATION, REPLAYED, answering
from shared.errors import language_of
from shared.jsonbody import body_of, described

router = APIRouter(tags=["requests"])
EXAMPLE = {"grounds": "Nobody came to look, and the lamp is still dark; the reply speaks of another street."}


def appeals_of(request: Request) -> Appeals:
    """The use cases of appeals of this process."""
    appeals: Appeals = request.app.state.appeals
    return appeals


@router.post(
    "/requests/{number}/appeal",
    status_code=201,
    openapi_extra=described(Grounds, EXAMPLE),
    responses=answering(FiledAppeal, 201, LOCATION, REPLAYED),
)
async def appeal(
    request: Request,
    number: Number,
    principal: Owner,
    appeals: Annotated[Appeals, Depends(appeals_of)],
    body: Annotated[Grounds, Depends(body_of(Grounds))],
) -> Response:
    """Appeal against the head's decision, by the day that the request names (`answer_by`); `Idempotency-Key` is needed.

    An appeal has its own number and its own signed receipt.
    """
    return await answered(request, appeals, principal.id, number, body)


async def answered(request: Request, appeals: Appeals, citizen_id: str, number: str, body: Grounds) -> Response:
    """File the appeal of who is known to be the citizen; its receipt."""
    key = idempotency_key(request)
    filed = await appeals.appeal(citizen_id, number, key, body)
    headers = {"Location": f"/api/v1/requests/{filed.request.id}"}
    if filed.replayed:
        headers["Idempotent-Replayed"] = "true"
    signed = request.app.state.receipts.receipt(filed.request)
    shown: FiledAppeal = {
        **views.filed(filed.request, signed, language_of(request.headers)),
        "appeal_of": filed.request.appeal_of,
    }
    return JSONResponse(shown, 201, headers)
