"""Dependencies and answers that the routes share: the caller, the number in the path, ETags."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from starlette.responses import JSONResponse

from services.requests.request.models.request import Request as ServiceRequest
from services.requests.request.schemas import OwnRequest
from services.requests.request.service import views
from shared.auth import Principal, by_token, needs
from shared.errors import NotFoundError, language_of
from shared.request_headers import IdempotencyKey, client_has
from shared.rights import Right
from shared.seal import BlindPurpose, KeyRing
from shared.tracking_number import read_number

Filer = Annotated[Principal, Depends(needs(Right.FILE))]
Owner = Annotated[Principal, Depends(needs(Right.OWN_REQUESTS))]


async def number_of(number: str) -> str:
    """The tracking number in a path, however it was typed. Raises NotFoundError."""
    read = read_number(number)
    if read is None:
        raise NotFoundError
    return read


Number = Annotated[str, Depends(number_of)]


async def by_token_or_key(request: Request) -> Principal:
    """The account of the access token, or the holder of the key of the anonymous request in the path.

    Raises UnauthenticatedError, NotFoundError.
    """
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "key":
        return await by_token(request)
    number = await number_of(request.path_params["number"])
    holder: Principal = await request.app.state.anonymous.principal(number, key)
    return holder


Holder = Annotated[Principal, Depends(needs(Right.OWN_REQUESTS, by_token_or_key))]
"""The citizen of a request: an account, or the holder of the request's key."""
Reader = Annotated[Principal, Depends(needs(Right.READ_REQUEST, by_token_or_key))]


async def blind_key(request: Request, key: IdempotencyKey) -> str:
    """The blind index of the Idempotency-Key, since clients may put personal data into it."""
    keys: KeyRing = request.app.state.settings.keys
    return keys.blind(key, BlindPurpose.REQUEST_IDEMPOTENCY_KEY)


BlindKey = Annotated[str, Depends(blind_key)]


def to_response(request: Request, record: ServiceRequest) -> OwnRequest:
    """A request as its citizen sees it."""
    return views.own_detail(record, request.app.state.settings.keys, language_of(request.headers))


def with_etag(request: Request, body: Mapping[str, Any], rev: int, beside: int = 0) -> Response:
    """The answer with its ETag, or 304 if the client already has it.

    The tag is of the revision, the language, and the revisions of other records in the answer (`beside`).
    """
    more = f"-{beside}" if beside else ""
    tag = f'"{rev}-{language_of(request.headers)}{more}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Accept-Language"}
    if client_has(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers=headers)
    return JSONResponse(body, headers=headers)
