"""A new mobile number, proving one that is not proven, and undoing the change from the old number."""

from typing import Any

from starlette.responses import Response

from gateway.web.citizen.account.codes import CodePage
from gateway.web.citizen.room import room
from gateway.web.portal import Reply
from gateway.web.rendering import mobile_number
from gateway.web.rooms import ANYBODY
from gateway.web.visit import Visit

API = "/api/v1/me/mobile"
STEP = "mobile"
CODES = CodePage(STEP, API, "citizen/account/mobile-code.html", "/my/mobile/code", "/my/mobile", by_email=False)

show_undo = room.template("/undo", "citizen/account/undo.html", roles=ANYBODY)


@room.get("/my/mobile")
async def show(visit: Visit) -> Response:
    """The form for the new number."""
    account = await visit.portal.read("/api/v1/me")
    if not account["mobile_proven"] or account["mobile_silent"]:
        visit.form.prefill({"mobile": mobile_number(account["mobile"]).striptags()})
    return visit.page("citizen/account/mobile.html", own=account)


@room.post("/my/mobile", again=show, names={"password-wrong": "password"})
async def request_code(visit: Visit) -> Response:
    """Have a code sent to the new number."""
    form = visit.form
    number = form.value("mobile")
    form.require(mobile=visit.say("Write your new mobile number."), password=visit.say("Type your password."))
    reply = await visit.portal.post(API, {"mobile": number, "password": form.raw("password")})
    visit.session.steps[STEP] = {"challenge": reply.data["change"], "mobile": number[:40]}
    return visit.go(CODES.path)


@CODES.accepts()
async def change(visit: Visit, _pending: dict[str, Any], _reply: Reply) -> Response:
    """The new number is proven."""
    del visit.session.steps[STEP]
    return visit.go("/my/data", visit.say("This is your mobile number from now on. Codes and messages go there."))


@room.post("/undo", roles=ANYBODY, again=show_undo, names={"undo-failed": "code"})
async def undo(visit: Visit) -> Response:
    """Restore the old number with the code that was sent there; no session is needed. The password must be changed."""
    code = visit.form.value("code")
    visit.form.require(code=visit.say("Type the code from the message."))
    await visit.portal.post("/api/v1/mobile-changes/undo", {"code": code})
    visit.session.sign_out()
    note = visit.say("Your old mobile number is back, and everybody was signed out. Choose a new password now.")
    return visit.go("/reset", note)
