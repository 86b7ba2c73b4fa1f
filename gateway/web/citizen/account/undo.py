"""Undoing a change of mobile from the old number, by the code that was sent there; nobody has to sign in for it."""

from starlette.responses import Response

from gateway.web.citizen.room import room
from gateway.web.portal import RefusedError
from gateway.web.refusals import demand, refuse
from gateway.web.rooms import ANYBODY
from gateway.web.visit import Visit

FORM = "citizen/account/undo.html"


@room.get("/undo", roles=ANYBODY)
async def show(visit: Visit) -> Response:
    """The form for the code of the message."""
    return visit.page(FORM)


@room.post("/undo", roles=ANYBODY)
async def undo(visit: Visit) -> Response:
    """Give the account its old mobile back; the password has to be another one then."""
    code = visit.form.value("code")
    if not demand(visit, code=visit.say("Type the code that stands in the message.")):
        return visit.page(FORM)
    try:
        await visit.portal.post("/api/v1/mobile-changes/undo", {"code": code})
    except RefusedError as refused:
        refuse(visit, refused, {"undo-failed": "code"})
        return visit.page(FORM, refused.status)
    visit.session.sign_out()
    note = visit.say("Your old mobile number is back, and everybody was signed out. Choose a new password now.")
    return visit.go("/reset", note)
