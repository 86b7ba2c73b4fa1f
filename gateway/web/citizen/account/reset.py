"""A new password for somebody who has forgotten the old one: CNIC and mobile, the code, the password."""

from starlette.responses import Response

from gateway.web.citizen.account import sign_in
from gateway.web.citizen.account.codes import SEND, CodeWay
from gateway.web.citizen.room import room
from gateway.web.entering import onward
from gateway.web.portal import RefusedError
from gateway.web.refusals import demand, refuse
from gateway.web.rooms import ANYBODY
from gateway.web.visit import Visit

API = "/api/v1/password-resets"
STEP = "reset"
FORM, CODE, PASSWORD = (f"citizen/account/reset{part}.html" for part in ("", "-code", "-password"))
CODES = CodeWay(STEP, API, CODE, "/reset/code", "/reset")


@room.get("/reset", roles=ANYBODY)
async def show(visit: Visit) -> Response:
    """The form for the account whose password is forgotten."""
    visit.form.begin({name: visit.session.steps.get(STEP, {}).get(name, "") for name in ("cnic", "mobile")})
    return visit.page(FORM)


@room.post("/reset", roles=ANYBODY)
async def ask(visit: Visit) -> Response:
    """Ask for a code; the next page is the same whether there is an account or not."""
    asked = {name: visit.form.value(name)[:64] for name in ("cnic", "mobile")}
    needed = {
        "cnic": visit.say("Write the 13 digits of your identity card."),
        "mobile": visit.say("Write your mobile number."),
    }
    if not demand(visit, **needed):
        return visit.page(FORM)
    try:
        reply = await visit.portal.post(API, asked)
    except RefusedError as refused:
        refuse(visit, refused)
        return visit.page(FORM, refused.status)
    visit.session.steps[STEP] = {"challenge": reply.data["challenge"], **asked}
    return await onward(visit, CODES.path, CODES.show)


@room.get("/reset/code", roles=ANYBODY)
async def show_code(visit: Visit) -> Response:
    """The form for the code."""
    return await CODES.show(visit)


@room.post("/reset/code", roles=ANYBODY)
async def check_code(visit: Visit) -> Response:
    """Check the code, or ask for another."""
    pending = CODES.pending(visit)
    if pending is None or visit.form.has(SEND):
        return await CODES.send_again(visit)
    try:
        reply = await CODES.answer(visit, pending)
    except RefusedError as refused:
        return await CODES.show(visit, refused.status)
    pending["token"] = reply.data["token"]
    return await onward(visit, "/reset/password", show_password)


@room.get("/reset/password", roles=ANYBODY)
async def show_password(visit: Visit) -> Response:
    """The form for the new password."""
    if "token" not in visit.session.steps.get(STEP, {}):
        return visit.go("/reset")
    return visit.page(PASSWORD)


@room.post("/reset/password", roles=ANYBODY)
async def reset(visit: Visit) -> Response:
    """Choose the password. All sessions end, one of this browser too."""
    kept = visit.session.steps.get(STEP, {})
    if "token" not in kept:
        return visit.go("/reset")
    if not demand(visit, new_password=visit.say("Choose a password.")):
        return visit.page(PASSWORD)
    body = {"token": kept["token"], "password": visit.form.secret("new_password")}
    try:
        await visit.portal.post(f"{API}/{kept['challenge']}/password", body)
    except RefusedError as refused:
        if refused.code == "reset-failed":
            return _over(visit)
        refuse(visit, refused, {"new-password-refused": "new_password", "/password": "new_password"})
        return visit.page(PASSWORD, refused.status)
    visit.session.sign_out()
    visit.session.steps[sign_in.LOGIN] = kept["cnic"]
    note = visit.say("Your new password is set, and all your devices were signed out. Sign in with it now.")
    return await onward(visit, "/sign-in", sign_in.show, note)


def _over(visit: Visit) -> Response:
    """The code was taken too long ago, or its password is set already."""
    visit.session.steps.pop(STEP, None)
    return visit.go("/reset", visit.say("That took too long. Ask for a new code, or sign in if your password is set."))
