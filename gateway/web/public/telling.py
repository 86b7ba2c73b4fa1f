"""What we say about ourselves: privacy, accessibility, and what is published."""

from starlette.responses import Response

from gateway.web.public.room import room
from gateway.web.visit import Visit


@room.get("/privacy")
async def privacy(visit: Visit) -> Response:
    """The privacy page: who sees the citizen's data, for how long, and what the citizen can do."""
    return visit.page("public/privacy.html")


@room.get("/accessibility")
async def accessibility(visit: Visit) -> Response:
    """What is done so that everybody can use the pages, what is not, and how to complain."""
    return visit.page("public/accessibility.html")


@room.get("/published")
async def published(visit: Visit) -> Response:
    """What anybody may take: services, keys and roots, the description of the API."""
    return visit.page("public/published.html")
