"""Filing without a name. Number and key in the answer give access to the request on the ordinary routes."""

from typing import Annotated, Any

from fastapi import Header, Request, Response
from starlette.responses import JSONResponse

from services.requests.filing.schemas import FiledAnonymously
from services.requests.filing.service.anonymous import AnonymousFiling
from services.requests.filing.service.filing import Filing
from services.requests.request.service import views
from shared.auth import Public
from shared.errors import language_of
from shared.jsonbody import described, read_body
from shared.openapi import LOCATION, REPLAYED, answering
from shared.routes import Router, use

router = Router(prefix="/api/v1", tags=["anonymous"], dependencies=[Public])
LongKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=16,
        pattern="^[!-~]{1,100}$",
        description="At least 16 random characters; code and key in the answer follow from it",
    ),
]
EXAMPLE: dict[str, Any] = {
    "service": "rubbish-not-collected",
    "place": {"district": "mardan"},
    "answers": {
        "waste": "household",
        "days_left": 4,
        "place": "Canal Road",
        "description": "The bin has been overflowing for four days.",
    },
}


@router.post(
    "/anonymous-requests",
    status_code=201,
    openapi_extra=described(Filing, EXAMPLE),
    responses=answering(FiledAnonymously, 201, LOCATION, REPLAYED),
)
async def file_anonymously(
    request: Request, anonymous: Annotated[AnonymousFiling, use("anonymous")], key: LongKey
) -> Response:
    """File without a name, if the service allows it. The answer's `code` and `key` are shown only once.

    Number and code show the status (`/track/{number}?mobile=<code>`). With `Authorization: Key <key>` you can read the
    request and act on it at `/requests/{number}`. Lost codes and keys cannot be restored.
    """
    language = language_of(request.headers)
    answer = await anonymous.file(key, await read_body(request), language)
    number = answer.filed.request.id
    signed = request.app.state.receipts.receipt(answer.filed.request)
    body: FiledAnonymously = {
        **views.filed(answer.filed.request, signed, language),
        "code": answer.code,
        "key": answer.key,
        "track": f"/api/v1/track/{number}",
    }
    headers = {"Location": f"/api/v1/track/{number}", "Cache-Control": "no-store"}
    if answer.filed.replayed:
        headers["Idempotent-Replayed"] = "true"
    return JSONResponse(body, 201, headers)
