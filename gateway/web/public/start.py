"""The start page: say what you need, choose between applying and reporting, or track."""

from starlette.responses import Response

from gateway.web.public.catalogue import APPLICATION, COMPLAINT, offer
from gateway.web.public.room import room
from gateway.web.visit import Visit

EXAMPLES = ("birth-certificate", "power-outage", "no-water-supply", "domicile-certificate")
"""Services that are offered below the search, as far as they are in the catalogue."""
SHOWN = 3
"""Services of each department on the start page."""


@room.get("/")
async def start(visit: Visit) -> Response:
    """What people come for: find a service, report, track. Raises RefusedError."""
    if visit.request.url.path == "/ur":
        return Response(status_code=308, headers={"Location": visit.url("/")})
    services, departments = await offer(visit)
    by_code = {service["code"]: service for service in services}
    return visit.page(
        "public/start.html",
        departments=departments,
        shown=SHOWN,
        examples=[by_code[code] for code in EXAMPLES if code in by_code],
        applications=sum(service["kind"] == APPLICATION for service in services),
        complaints=sum(service["kind"] == COMPLAINT for service in services),
        total=len(services),
    )
