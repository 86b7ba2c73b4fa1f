"""Filing. The route passes on the raw body, which the use case reads strictly."""

from fastapi import Request, Response
from starlette.responses import JSONResponse

from services.requests.filing.service.filing import FiledBy, Filing
from services.requests.request.dependencies import BlindKey, Filer
from services.requests.request.schemas import Filed
from services.requests.request.service import views
from shared.auth import require_right
from shared.errors import language_of
from shared.jsonbody import described, read_body
from shared.openapi import LOCATION, REPLAYED, answering
from shared.rights import Right, Role
from shared.routes import Router

router = Router(prefix="/api/v1", tags=["requests"])


@router.post(
    "/requests", status_code=201, openapi_extra=described(Filing), responses=answering(Filed, 201, LOCATION, REPLAYED)
)
async def file_request(request: Request, principal: Filer, key: BlindKey) -> Response:
    """File an application or a complaint. Needs `Idempotency-Key`; 201 means that the request is stored durably.

    A confidential request is tracked with the answer's `track_code` in place of the mobile's last four digits. Clerks
    file for a citizen with `on_behalf_of` and the channel `counter` or `phone`.
    """
    language = language_of(request.headers)
    if principal.role is not Role.CITIZEN:
        require_right(principal, Right.FILE_FOR_CITIZEN, request)
    filer = FiledBy(principal.id, "citizen" if principal.role is Role.CITIZEN else "clerk")
    filed = await request.app.state.intake.file(filer, key, await read_body(request), language)
    headers = {"Location": f"/api/v1/requests/{filed.request.id}"}
    if filed.replayed:
        headers["Idempotent-Replayed"] = "true"
    body = views.filed(filed.request, request.app.state.receipts.receipt(filed.request), language)
    if filed.request.sealed_track_code:
        body["track_code"] = views.track_code(filed.request, request.app.state.settings.keys)
    return JSONResponse(body, 201, headers)
