"""The service that a citizen needs: found by words, or in the list."""

from starlette.responses import Response

from gateway.web.counter.citizen import citizen_of, find_again
from gateway.web.counter.room import room
from gateway.web.naming import names_of
from gateway.web.visit import Visit

PAGE = "counter/services.html"
LONGEST = 200


@room.get("/counter/citizens/{citizen}")
async def show(visit: Visit) -> Response:
    """All services, or those that fit the words. Raises RefusedError."""
    citizen = citizen_of(visit)
    if citizen is None:
        return find_again(visit)
    q = visit.query("q")[:LONGEST]
    found = (await visit.portal.read("/api/v1/catalogue", {"q": q}))["services"]
    if not q:
        found = sorted(found, key=lambda service: visit.words.localised(service["name"]))  # the answer is everybody's
    return visit.page(PAGE, citizen=citizen, q=q, found=found, names=await names_of(visit))
