"""Parts of the work that other departments asked this one for, and cancelling those that this one asked for."""

from starlette.responses import Response

from gateway.web.department.room import room
from gateway.web.naming import names_of
from gateway.web.portal import RefusedError, segment
from gateway.web.visit import Visit
from gateway.web.words import _

PATH = "/desk/parts"
ANSWERS = {
    "accept": _("You accepted the part."),
    "done": _("The other department was told that the part is done."),
    "refuse": _("The other department was told that you do not do it, and why."),
}
room.redirect("/desk/{number}/parts/{part}/cancel", "/desk/{number}")


@room.get(PATH)
async def show(visit: Visit) -> Response:
    """The open parts, due soonest first. Raises RefusedError."""
    found = await visit.portal.read("/api/v1/parts")
    return visit.page("department/parts-asked.html", asked=found["parts"], names=await names_of(visit))


@room.get(f"{PATH}/{{number}}/{{part}}")
async def show_part(visit: Visit) -> Response:
    """One part. Raises RefusedError."""
    part = await visit.portal.read(api_path(visit))
    return visit.page("department/part.html", part=part, names=await names_of(visit))


@room.post(f"{PATH}/{{number}}/{{part}}", again=show_part)
async def answer(visit: Visit) -> Response:
    """Accept, do or refuse it. Raises RefusedError."""
    chosen, words = visit.form.value("answer"), visit.form.value("words")
    if chosen not in ANSWERS:
        return await show_part(visit)
    if chosen == "refuse":
        visit.form.require(words=visit.say("Write why you do not do it."))
    await visit.portal.post(f"{api_path(visit)}/{chosen}", {"words": words} if words and chosen != "accept" else {})
    return visit.go(PATH, visit.say(ANSWERS[chosen]))


def api_path(visit: Visit) -> str:
    """The API's address of the part."""
    return f"/api/v1/parts/{segment(visit.args['number'])}/{segment(visit.args['part'])}"


@room.post("/desk/{number}/parts/{part}/cancel")
async def cancel(visit: Visit) -> Response:
    """Cancel a part that this department asked for. Raises RefusedError."""
    number = segment(visit.args["number"])
    try:
        path = f"/api/v1/assignments/{number}/parts/{segment(visit.args['part'])}/cancel"
        await visit.portal.post(path, {})
    except RefusedError as refused:
        if refused.code != "part-over":
            raise
        return visit.go(f"/desk/{number}", visit.say("This part was over before."))
    return visit.go(f"/desk/{number}", visit.say("The part is cancelled. The other department was told."))
