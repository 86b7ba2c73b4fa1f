"""Who calls, from what the gateway says of the connection."""

from typing import Annotated

from fastapi import Depends, Request

from services.identity.models.caller import Caller
from shared.peer import client_address


def caller_of(request: Request) -> Caller:
    """The caller of this request."""
    keys = request.app.state.settings.keys
    return Caller(address=keys.blind(client_address(request), "identity.address"))


FromCaller = Annotated[Caller, Depends(caller_of)]
