"""The page behind the link of an email that stops such emails. Opening it changes nothing: mail scanners do that."""

from typing import Any

from starlette.responses import Response

from gateway.web.portal import segment
from gateway.web.public.room import room
from gateway.web.visit import Visit

PAGE = "public/stop.html"
START = "start"


@room.get("/messages/stop/{token}")
async def show(visit: Visit) -> Response:
    """Which messages the link is about, and the button that stops them. Raises RefusedError."""
    return _page(visit, (await visit.portal.get(_api(visit))).data)


# The address itself is the right to do it, and mailbox providers post there by themselves (RFC 8058): with a body of
# their own, no cookie, and no patience for being led elsewhere.
@room.post("/messages/stop/{token}", token=False)
async def stop(visit: Visit) -> Response:
    """Stop these messages, or start them again. Raises RefusedError."""
    method = "DELETE" if visit.form.value("do") == START else "POST"
    return _page(visit, (await visit.portal.call(method, _api(visit))).data, done=True)


def _page(visit: Visit, stop: dict[str, Any], *, done: bool = False) -> Response:
    visit.personal = True
    return visit.page(PAGE, stop=stop, done=done)


def _api(visit: Visit) -> str:
    return f"/api/v1/notifications/stop/{segment(visit.args['token'])}"
