"""What the public sees of a request, and publishing the citizen's words without personal data."""

from starlette.responses import Response

from gateway.web.department.opened import REQUESTS
from gateway.web.department.room import room
from gateway.web.portal import segment
from gateway.web.visit import Visit

OFFICERS = frozenset({"officer", "head"})
TEXTS = ("description", "place")
TAKE_BACK = "take-back"


@room.get("/desk/{number}/public", roles=OFFICERS)
async def show(visit: Visit) -> Response:
    """The words as the guard leaves them, to be read and corrected. Raises RefusedError."""
    reply = await visit.portal.get(path_of(visit))
    visit.form.prefill({name: reply.data[name]["redacted"] for name in TEXTS})
    return visit.page("department/public.html", publication=reply.data, revision=reply.etag)


@room.post("/desk/{number}/public", roles=OFFICERS, again=show)
async def publish(visit: Visit) -> Response:
    """Publish the words as they were read, or take published ones back. Raises RefusedError."""
    revision, back = visit.form.value("revision"), visit.form.value("do") == TAKE_BACK
    words = {name: visit.form.value(name) for name in TEXTS}
    if back:
        await visit.portal.call("DELETE", path_of(visit), revision=revision)
    else:
        await visit.portal.call("PUT", path_of(visit), body=words, revision=revision)
    note = visit.say("The words are not public any more.") if back else visit.say("The words are public now.")
    return visit.go(f"/desk/{segment(visit.args['number'])}/public", note)


def path_of(visit: Visit) -> str:
    """The address of the request's publication."""
    return f"{REQUESTS}/{segment(visit.args['number'])}/publication"
