"""The page after sending: the number, what happens next and by when, and the receipt."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.responses import Response

from gateway.web.citizen.room import room
from gateway.web.forms.service import service_form
from gateway.web.portal import segment
from gateway.web.visit import Visit

BEFORE_ROUTING = ("submitted", "verifying")
ATTEMPTS, PAUSE = 4, 0.25
"""Routing takes a moment. The page waits for it, so that the citizen sees department and date at once."""
Request = Mapping[str, Any]


@room.get("/my/requests/{number}/sent")
async def show(visit: Visit) -> Response:
    """The confirmation of the citizen's request. Raises RefusedError."""
    address = f"/api/v1/requests/{segment(visit.args['number'])}"
    request = await once_routed(lambda: visit.portal.read(address))
    service = await service_form(visit.portal, request["service"])
    home = f"/my/requests/{request['number']}"
    return visit.page("citizen/filing/sent.html", request=request, service=service, home=home)


async def once_routed(read: Callable[[], Awaitable[Request]]) -> Request:
    """The request once its department has it, or as it is after a second. Raises RefusedError."""
    for _ in range(ATTEMPTS):
        request = await read()
        if request["state"] not in BEFORE_ROUTING:
            return request
        await asyncio.sleep(PAUSE)
    return await read()
