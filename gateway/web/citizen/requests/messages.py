"""The messages to the citizen: which are new, and which did not arrive."""

import asyncio
from contextlib import suppress

from starlette.responses import Response

from gateway.web.citizen.account.data import reach_of
from gateway.web.citizen.room import room
from gateway.web.portal import RefusedError
from gateway.web.visit import Visit

PATH = "/my/messages"
LIST, READ = "/api/v1/notifications", "/api/v1/notifications/read"
MAX_CURSOR = MAX_ID = 200


@room.get(PATH)
async def messages(visit: Visit) -> Response:
    """The messages. Those shown here count as read the next time. Raises RefusedError."""
    cursor = visit.query("cursor")
    reading = visit.portal.read(LIST, {"cursor": cursor[:MAX_CURSOR]})
    page, reach = await asyncio.gather(reading, reach_of(visit))
    new = [message["id"] for message in page["notifications"] if not message["read"]]
    if new:
        with suppress(RefusedError):  # they stay new
            await visit.portal.post(READ, {"ids": new})
    return visit.page("citizen/requests/messages.html", page=page, cursor=cursor, reach=reach)


@room.post(PATH)
async def mark_all(visit: Visit) -> Response:
    """Mark all messages as read that existed when the page was shown. Raises RefusedError."""
    last = visit.form.value("up_to")[:MAX_ID]
    if last:
        await visit.portal.post(READ, {"up_to": last})
    return visit.go(PATH, visit.say("All messages are marked as read."))
