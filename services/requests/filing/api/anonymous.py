"""Filing without an account. The number and the key in the answer open the request on the ordinary routes."""

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

router = Router(tags=["anonymous"], dependencies=[Public])
LongKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=16,
        pattern="^[!-~]{1,100}$",
        description="At least 16 random characters: nothing else tells this filing from others",
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
    """File without a name, where the service takes that. The code and the key in the answer are shown this once.

    The number and the code show the status (`/track/{number}?mobile=<code>`). With `Authorization: Key <key>` you read
    the request and act on it at `/requests/{number}`. Nobody can give them to you again.
    """
    language = language_of(request.headers)
    given = await anonymous.file(key, await read_body(request), language)
    number = given.filed.request.id
    signed = request.app.state.receipts.receipt(given.filed.request)
    body: FiledAnonymously = {
        **views.filed(given.filed.request, signed, language),
        "code": given.code,
        "key": given.key,
        "track": f"/api/v1/track/{number}",
    }
    headers = {"Location": f"/api/v1/track/{number}", "Cache-Control": "no-store"}
    if given.filed.replayed:
        headers["Idempotent-Replayed"] = "true"
    return JSONResponse(body, 201, headers)
