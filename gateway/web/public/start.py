"""The start page, help, and the pages about the portal itself: privacy, accessibility, and published data."""

from starlette.responses import Response

from gateway.web.public.catalogue import APPLICATION, COMPLAINT, offer
from gateway.web.public.room import room
from gateway.web.visit import Visit
from shared.errors import NotFoundError

EXAMPLES = ("birth-certificate", "power-outage", "no-water-supply", "domicile-certificate")
"""Services below the search field, if the catalogue has them."""
SHOWN = 3
"""Services of each department on the start page."""
ISSUES = ("code-not-received", "login-error", "delay", "verification-pending")
"""The problems of `help-issues.html`."""

room.template("/help", "public/help.html")
room.template("/privacy", "public/privacy.html")
room.template("/accessibility", "public/accessibility.html")
room.template("/published", "public/published.html")


@room.get("/")
async def start(visit: Visit) -> Response:
    """Find a service, report, or track. Raises RefusedError."""
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


@room.get("/help/{code}")
async def issue(visit: Visit) -> Response:
    """One of the most frequent problems. Raises NotFoundError."""
    if visit.args["code"] not in ISSUES:
        raise NotFoundError
    return visit.page("public/help-issue.html", code=visit.args["code"])
