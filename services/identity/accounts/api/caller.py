"""The caller, as the gateway describes the connection, and the cookie that identifies a known device."""

from typing import Annotated

from fastapi import Depends, Request, Response

from services.identity.accounts.models.caller import Caller
from services.identity.accounts.models.device import DEVICE_LIFE, family_of
from shared.client_address import client_address

COOKIE = "__Host-rabta-device"


async def caller_of(request: Request) -> Caller:
    """The caller of this request."""
    keys = request.app.state.settings.keys
    return Caller(
        address=keys.blind(client_address(request), "identity.address"),
        program=family_of(request.headers.get("user-agent", "")[:500]),
        device=request.cookies.get(COOKIE),
    )


def keep_device(response: Response, token: str | None) -> None:
    """Have a browser keep the token of a device; programs read it from the answer."""
    if token is not None:
        seconds = int(DEVICE_LIFE.total_seconds())
        response.set_cookie(COOKIE, token, max_age=seconds, path="/", secure=True, httponly=True, samesite="lax")


FromCaller = Annotated[Caller, Depends(caller_of)]
