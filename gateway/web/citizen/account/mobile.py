"""Another mobile number, or proving the one that was never proven: the number, then the code that went there."""

from starlette.responses import Response

from gateway.web.citizen.account.codes import SEND, CodeWay
from gateway.web.citizen.account.data import own_data
from gateway.web.citizen.room import room
from gateway.web.portal import RefusedError
from gateway.web.refusals import demand, refuse
from gateway.web.rendering import mobile_number
from gateway.web.visit import Visit

API = "/api/v1/me/mobile"
STEP = "mobile"
FORM = "citizen/account/mobile.html"
CODES = CodeWay(STEP, API, "citizen/account/mobile-code.html", "/my/mobile/code", "/my/mobile", by_email=False)


@room.get("/my/mobile")
async def show(visit: Visit) -> Response:
    """The form for the new number."""
    own = await own_data(visit)
    if not own["mobile_proven"] or own["mobile_silent"]:
        visit.form.begin({"mobile": mobile_number(own["mobile"]).striptags()})
    return visit.page(FORM, own=own)


@room.post("/my/mobile")
async def ask(visit: Visit) -> Response:
    """Have a code sent to the new number."""
    form = visit.form
    number = form.value("mobile")
    if not demand(visit, mobile=visit.say("Write your new mobile number."), password=visit.say("Type your password.")):
        return await show(visit)
    try:
        reply = await visit.portal.post(API, {"mobile": number, "password": form.secret("password")})
    except RefusedError as refused:
        refuse(visit, refused, {"password-wrong": "password"})
        return await show(visit)
    visit.session.steps[STEP] = {"challenge": reply.data["change"], "mobile": number[:40]}
    return visit.go(CODES.path)


@room.get("/my/mobile/code")
async def show_code(visit: Visit) -> Response:
    """The form for the code."""
    return await CODES.show(visit)


@room.post("/my/mobile/code")
async def check_code(visit: Visit) -> Response:
    """Make the new number count with the code, or ask for another code."""
    pending = CODES.pending(visit)
    if pending is None or visit.form.has(SEND):
        return await CODES.send_again(visit)
    try:
        await CODES.answer(visit, pending)
    except RefusedError as refused:
        return await CODES.show(visit, refused.status)
    del visit.session.steps[STEP]
    return visit.go("/my/data", visit.say("This is your mobile number from now on. Codes and messages go there."))
