"""The page that stops emails, linked from each email. Opening it changes nothing, because mail scanners open links."""

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
    """The messages that the link is about, and the button to stop them. Raises RefusedError."""
    return _page(visit, await visit.portal.read(_api(visit)))


# The link itself is the permission. Mailbox providers post to it by themselves (RFC 8058), with a body of their own and
# no cookie, and they do not follow redirects.
@room.post("/messages/stop/{token}", token=False)
async def stop(visit: Visit) -> Response:
    """Stop these messages, or start them again. Raises RefusedError."""
    method = "DELETE" if visit.form.value("do") == START else "POST"
    return _page(visit, (await visit.portal.call(method, _api(visit))).data, done=True)


def _page(visit: Visit, stop: dict[str, Any], *, done: bool = False) -> Response:
    visit.private = True
    return visit.page(PAGE, stop=stop, done=done)


def _api(visit: Visit) -> str:
    """The address of the API. Raises NotFoundError if the link cannot be ours."""
    token = visit.args["token"]
    if not TOKEN.fullmatch(token):
        raise NotFoundError
    return f"/api/v1/notifications/stop/{token}"
