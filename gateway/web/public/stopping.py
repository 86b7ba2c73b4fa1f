"""The page behind the link of an email that stops such emails. Opening it changes nothing: mail scanners do that."""

import re
from typing import Any

from starlette.responses import Response

from gateway.web.public.room import room
from gateway.web.visit import Visit
from shared.errors import NotFoundError

PAGE = "public/stop.html"
START = "start"
TOKEN = re.compile(r"[a-z]{1,20}\.[A-Za-z0-9-]{1,64}\.[0-9a-f]{1,64}")


@room.get("/messages/stop/{token}")
async def show(visit: Visit) -> Response:
    """Which messages the link is about, and the button that stops them. Raises RefusedError."""
    return _page(visit, await visit.portal.read(_api(visit)))


# The address itself is the right to do it, and mailbox providers post there by themselves (RFC 8058): with a body of
# their own, no cookie, and no patience for being led elsewhere.
@room.post("/messages/stop/{token}", token=False)
async def stop(visit: Visit) -> Response:
    """Stop these messages, or start them again. Raises RefusedError."""
    method = "DELETE" if visit.form.value("do") == START else "POST"
    return _page(visit, (await visit.portal.call(method, _api(visit))).data, done=True)


def _page(visit: Visit, stop: dict[str, Any], *, done: bool = False) -> Response:
    visit.private = True
    return visit.page(PAGE, stop=stop, done=done)


def _api(visit: Visit) -> str:
    """The address of the API. Raises NotFoundError for what cannot be a link of ours."""
    token = visit.args["token"]
    if not TOKEN.fullmatch(token):
        raise NotFoundError
    return f"/api/v1/notifications/stop/{token}"
