"""The token endpoint for departments' own software: OAuth 2.0 client credentials (RFC 6749, section 4.4)."""

import base64
import binascii
from typing import Annotated
from urllib.parse import parse_qsl, unquote_plus

from fastapi import Request
from starlette.responses import JSONResponse

from services.identity.accounts import schemas
from services.identity.keys.tokens import ACCESS_LIFE
from services.identity.sessions.service.clients import Clients
from shared.auth import Public
from shared.jsonbody import TooLargeError
from shared.routes import Router, use

router = Router(prefix="/api/v1/oauth", tags=["oauth"], dependencies=[Public])
MAX_BYTES = 4096
MAX_FIELDS = 10
FORM = "application/x-www-form-urlencoded"
NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
FIELDS = ("grant_type", "client_id", "client_secret", "scope")
DESCRIBED = {
    "requestBody": {
        "required": True,
        "content": {
            FORM: {
                "schema": {
                    "type": "object",
                    "properties": {name: {"type": "string"} for name in FIELDS},
                    "required": ["grant_type"],
                },
                "example": {
                    "grant_type": "client_credentials",
                    "client_id": "department.water",
                    "client_secret": "the secret of the department",
                },
            }
        },
    }
}
ERROR = {"type": "object", "properties": {"error": {"type": "string"}}, "required": ["error"]}


class OAuthError(Exception):
    """An error with a code of RFC 6749, section 5.2."""

    def __init__(self, error: str, status: int = 400, *, basic: bool = False) -> None:
        super().__init__(error)
        self.error, self.status, self.basic = error, status, basic


@router.post(
    "/token",
    openapi_extra=DESCRIBED,
    responses={
        200: {"description": "An access token", "model": schemas.Granted},
        400: {"description": "A request that RFC 6749 refuses", "content": {"application/json": {"schema": ERROR}}},
        401: {"description": "Wrong credentials", "content": {"application/json": {"schema": ERROR}}},
    },
    response_class=JSONResponse,
)
async def token(request: Request, clients: Annotated[Clients, use("clients")]) -> JSONResponse:
    """An access token for a department's own software; credentials in the form or as HTTP Basic."""
    try:
        form = await _form(request)
        client_id, secret, basic = _credentials(request.headers.get("authorization"), form)
        if form.get("grant_type") != "client_credentials":
            raise OAuthError("unsupported_grant_type" if form.get("grant_type") else "invalid_request")
        access_token = await clients.access(client_id, secret)
        if access_token is None:
            raise OAuthError("invalid_client", 401, basic=basic)
    except OAuthError as error:
        challenge = {"WWW-Authenticate": 'Basic realm="rabta"'} if error.basic else {}
        return JSONResponse({"error": error.error}, error.status, NO_STORE | challenge)
    granted: schemas.Granted = {
        "access_token": access_token,
        "token_type": "Bearer",
        "expires_in": int(ACCESS_LIFE.total_seconds()),
    }
    return JSONResponse(granted, headers=NO_STORE)


async def _form(request: Request) -> dict[str, str]:
    """The fields of a form. Raises OAuthError for a field given twice."""
    content_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if content_type != FORM or "content-encoding" in request.headers:
        raise OAuthError("invalid_request")
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BYTES:
            raise TooLargeError
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="strict")
    except ValueError:
        raise OAuthError("invalid_request") from None
    form = dict(pairs)
    if len(form) != len(pairs):
        raise OAuthError("invalid_request")
    return form


def _credentials(authorization: str | None, form: dict[str, str]) -> tuple[str, str, bool]:
    """Id and secret of the client, and whether they came as HTTP Basic. Raises OAuthError for both at once."""
    if authorization is None:
        if not form.get("client_id") or not form.get("client_secret"):
            raise OAuthError("invalid_client", 401)
        return form["client_id"], form["client_secret"], False
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic" or "client_secret" in form:
        raise OAuthError("invalid_request")
    try:
        client_id, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        raise OAuthError("invalid_client", 401, basic=True) from None
    return unquote_plus(client_id), unquote_plus(secret), True
