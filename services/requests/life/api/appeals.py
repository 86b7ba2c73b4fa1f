"""Appeals against decisions of heads of departments."""

from typing import Annotated

from fastapi import Request, Response
from starlette.responses import JSONResponse

from services.requests.filing.schemas import FiledAppeal
from services.requests.life.service.appeals import Appeals, Grounds
from services.requests.request.dependencies import BlindKey, Holder, Number
from services.requests.request.service import views
from shared.errors import language_of
from shared.openapi import LOCATION, REPLAYED, answering
from shared.routes import Router, use

router = Router(prefix="/api/v1", tags=["requests"])


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
