"""Areas on the map: imported from a GeoJSON file, and removed."""

import json
from typing import Any

from starlette.responses import Response

from gateway.web.administration.room import room
from gateway.web.administration.routing.rules import API, HOME
from gateway.web.portal import RefusedError, segment
from gateway.web.visit import Visit

FILE = "file"
MAX_BYTES = 5_000_000
MAX_FEATURES = 200


@room.get("/admin/routing/areas")
async def show(visit: Visit) -> Response:
    """All areas, and the form to import some. Raises RefusedError."""
    return visit.page("administration/routing/areas.html", areas=(await visit.portal.read(f"{API}/areas"))["areas"])


@room.post("/admin/routing/areas", max_bytes=MAX_BYTES, again=show)
async def take_file(visit: Visit) -> Response:
    """Import the areas of a file, one after the other. Raises RefusedError."""
    areas = await areas_of(visit)
    for code, body in areas:
        try:
            await visit.portal.call("PUT", f"{API}/areas/{segment(code)}", body=body)
        except RefusedError as refused:
            words = "; ".join(error["message"] for error in refused.errors)
            raise RefusedError(refused.status, refused.code, f"{code}: {words or refused.title}", "") from None
    return visit.go(
        f"{HOME}/areas", visit.words.count("%(n)s area is imported.", "%(n)s areas are imported.", len(areas))
    )


async def areas_of(visit: Visit) -> list[tuple[str, dict[str, Any]]]:
    """The features of the chosen file with their codes; Raises FormError for a file that has none."""
    file = visit.form.file(FILE)
    try:
        collection = json.loads(await file.read()) if file else {}
        found = [
            (str(known["code"]), {"name": {"en": known["en"], "ur": known["ur"]}, "shape": feature["geometry"]})
            for feature in collection["features"]
            for known in [feature["properties"]]
        ]
    except (ValueError, KeyError, TypeError, RecursionError):
        found = []
    if not 0 < len(found) <= MAX_FEATURES:
        words = visit.say("Choose a GeoJSON file with 1 to 200 features; each needs the properties code, en and ur.")
        visit.form.fail(FILE, words)
    return found


@room.get("/admin/routing/areas/{code}/remove")
async def show_remove(visit: Visit) -> Response:
    """The button that removes an area. Raises RefusedError."""
    return visit.page("administration/routing/area-remove.html", area=await area_of(visit))


@room.post("/admin/routing/areas/{code}/remove", again=show_remove)
async def remove(visit: Visit) -> Response:
    """Remove an area. Raises RefusedError."""
    area = await area_of(visit)
    await visit.portal.call("DELETE", f"{API}/areas/{area['code']}")
    return visit.go(f"{HOME}/areas", visit.say("The area is removed."))


async def area_of(visit: Visit) -> dict[str, Any]:
    """The area in the address. Raises RefusedError."""
    return await visit.portal.read(f"{API}/areas/{segment(visit.args['code'])}")
