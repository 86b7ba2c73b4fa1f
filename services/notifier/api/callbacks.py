"""The routes for reports of providers. Each provider signs its calls; all get the same response."""

from typing import Annotated

from fastapi import Request
from starlette.responses import Response

from services.notifier.callbacks import Callbacks
from services.notifier.channels.provider import Callback
from shared.auth import Public
from shared.jsonbody import read_bytes
from shared.routes import Router, use

router = Router(tags=["callbacks"])
UsesCallbacks = Annotated[Callbacks, use("callbacks")]
ACKNOWLEDGED = "<Response/>"
"""The same response for every call, so that no provider repeats it.

For providers that read instructions in the response (Twilio: do nothing); harmless for all others.
"""
BODY = {
    "requestBody": {
        "required": False,
        "description": "As in the provider's gateway file: a form, or JSON",
        "content": {
            "application/x-www-form-urlencoded": {"schema": {"type": "object"}},
            "application/json": {"schema": {"type": "object"}},
        },
    }
}
BOUNCE = {
    "requestBody": {
        "required": True,
        "description": "A report in JSON by a provider of email, or a mail server's as message/rfc822 (RFC 3464)",
        # Client generators fail at message/rfc822, so it is not among the documented types.
        "content": {"application/json": {"schema": {"type": "object"}}},
    }
}


@router.get("/api/v1/callbacks/{provider}/receipts", operation_id="read_receipt", dependencies=[Public])
@router.post(
    "/api/v1/callbacks/{provider}/receipts", operation_id="take_receipt", dependencies=[Public], openapi_extra=BODY
)
async def receipts(request: Request, provider: str, callbacks: UsesCallbacks) -> Response:
    """Report on messages. Signed by the provider; a report about an unknown message is not an error."""
    await callbacks.report(provider, await callback_of(request))
    return Response(ACKNOWLEDGED, media_type="text/xml")


@router.post(
    "/api/v1/callbacks/{provider}/bounces", operation_id="take_bounce", dependencies=[Public], openapi_extra=BOUNCE
)
async def bounces(request: Request, provider: str, callbacks: UsesCallbacks) -> Response:
    """Accept a report that an email did not arrive, signed by the service that forwards it."""
    await callbacks.report(provider, await callback_of(request))
    return Response(ACKNOWLEDGED, media_type="text/xml")


@router.get("/api/v1/callbacks/{provider}/messages", operation_id="read_message", dependencies=[Public])
@router.post(
    "/api/v1/callbacks/{provider}/messages", operation_id="take_message", dependencies=[Public], openapi_extra=BODY
)
async def messages(request: Request, provider: str, callbacks: UsesCallbacks) -> Response:
    """Accept an inbound SMS, signed by the provider."""
    await callbacks.message(provider, await callback_of(request))
    return Response(ACKNOWLEDGED, media_type="text/xml")


async def callback_of(request: Request) -> Callback:
    """The call as its provider made it, with the portal's public address.

    Raises TooLargeError.
    """
    query = request.scope["query_string"].decode("latin-1")
    url = f"{request.app.state.settings.public_url.rstrip('/')}{request.url.path}{f'?{query}' if query else ''}"
    return Callback(url, dict(request.headers), await read_bytes(request))
