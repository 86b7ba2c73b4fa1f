"""The start page."""

from starlette.responses import Response

from gateway.web.public.room import room
from gateway.web.visit import Visit


@room.get("/")
async def start(visit: Visit) -> Response:
    """What people come for: find a service, report, track."""
    return visit.page("public/start.html")
