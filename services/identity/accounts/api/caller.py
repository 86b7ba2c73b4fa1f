"""The caller's address and device, and the cookie that identifies a known device."""

from typing import Annotated

from fastapi import Depends, Request, Response

from services.identity.accounts.models.device import DEVICE_LIFE, Caller, family_of
from shared.client_address import client_address
from shared.seal import BlindPurpose

COOKIE = "__Host-rabta-device"


async def caller_of(request: Request) -> Caller:
    """The caller of this request."""
    keys = request.app.state.settings.keys
    return Caller(
        address=keys.blind(client_address(request), BlindPurpose.CLIENT_ADDRESS),
        program=family_of(request.headers.get("user-agent", "")[:500]),
        device=request.cookies.get(COOKIE),
    )


def keep_device(response: Response, token: str | None) -> None:
    """Set the device's token as a cookie for browsers; other clients read it from the answer."""
    if token is not None:
        seconds = int(DEVICE_LIFE.total_seconds())
        response.set_cookie(COOKIE, token, max_age=seconds, path="/", secure=True, httponly=True, samesite="lax")


FromCaller = Annotated[Caller, Depends(caller_of)]
