"""A new password for a citizen who has forgotten the old one: CNIC and mobile, then the code, then the password."""

from typing import Any

from starlette.responses import Response

from gateway.web.authentication import go_or_show
from gateway.web.citizen.account import sign_in
from gateway.web.citizen.account.codes import CodePage
from gateway.web.citizen.room import room
from gateway.web.portal import RefusedError, Reply
from gateway.web.rooms import ANYBODY
from gateway.web.visit import Visit

API = "/api/v1/password-resets"
STEP = "reset"
FORM, CODE, PASSWORD = (f"citizen/account/reset{part}.html" for part in ("", "-code", "-password"))
CODES = CodePage(STEP, API, CODE, "/reset/code", "/reset")


@room.get("/reset", roles=ANYBODY)
async def show(visit: Visit) -> Response:
    """The form for CNIC and mobile."""
    visit.form.prefill({name: visit.session.steps.get(STEP, {}).get(name, "") for name in ("cnic", "mobile")})
    return visit.page(FORM)


@room.post("/reset", roles=ANYBODY, again=show)
async def request_code(visit: Visit) -> Response:
    """Have a code sent; the next page is the same whether there is an account or not."""
    account = {name: visit.form.value(name)[:64] for name in ("cnic", "mobile")}
    needed = {
        "cnic": visit.say("Write the 13 digits of your identity card."),
        "mobile": visit.say("Write your mobile number."),
    }
    visit.form.require(**needed)
    reply = await visit.portal.post(API, account)
    visit.session.steps[STEP] = {"challenge": reply.data["challenge"], **account}
    return await go_or_show(visit, CODES.path, CODES.show)


@CODES.accepts(roles=ANYBODY)
async def allow_password(visit: Visit, pending: dict[str, Any], reply: Reply) -> Response:
    """The code was correct: a new password may be chosen."""
    pending["token"] = reply.data["token"]
    return await go_or_show(visit, "/reset/password", show_password)


@room.get("/reset/password", roles=ANYBODY)
async def show_password(visit: Visit) -> Response:
    """The form for the new password."""
    if "token" not in visit.session.steps.get(STEP, {}):
        return visit.go("/reset")
    return visit.page(PASSWORD)


@room.post(
    "/reset/password",
    roles=ANYBODY,
    again=show_password,
    names={"new-password-refused": "new_password", "/password": "new_password"},
)
async def reset(visit: Visit) -> Response:
    """Set the new password. All sessions end, also that of this browser."""
    kept = visit.session.steps.get(STEP, {})
    if "token" not in kept:
        return visit.go("/reset")
    visit.form.require(new_password=visit.say("Choose a password."))
    body = {"token": kept["token"], "password": visit.form.raw("new_password")}
    try:
        await visit.portal.post(f"{API}/{kept['challenge']}/password", body)
    except RefusedError as refused:
        if refused.code != "reset-failed":
            raise
        return _expired(visit)
    visit.session.sign_out()
    visit.session.steps[sign_in.LOGIN] = kept["cnic"]
    note = visit.say("Your new password is set, and all your devices were signed out. Sign in with it now.")
    return await go_or_show(visit, "/sign-in", sign_in.show, note)


def _expired(visit: Visit) -> Response:
    """The code was entered too long ago, or the password was already set with it."""
    visit.session.steps.pop(STEP, None)
    return visit.go("/reset", visit.say("That took too long. Ask for a new code, or sign in if your password is set."))
