"""Signing in: login and password, then a code of the authenticator app or a recovery code."""

from typing import NoReturn

from starlette.responses import Response

from gateway.web.authentication import (
    CHALLENGE,
    CODE_PAGE,
    HOMES,
    MAX_SIGN_IN_FORM,
    TOTP_PAGE,
    go_or_show,
    keep_challenge,
    next_page,
    start_session,
)
from gateway.web.forms.form import Form, FormError
from gateway.web.portal import RefusedError
from gateway.web.rooms import ANYBODY
from gateway.web.staff.room import room
from gateway.web.visit import Visit

FORM, CODE_FORM = "staff/sign-in.html", "staff/sign-in-code.html"
LOGIN = "staff-login"
"""The session keeps here the login of a member who has to sign in again."""
RECOVERY = "recovery_code"
MAX_RECOVERY = 40


@room.get("/staff/sign-in", roles=ANYBODY)
async def show(visit: Visit) -> Response:
    """The form for login and password."""
    if visit.session.signed_in and not visit.form.submitted:
        return visit.go(next_page(visit, visit.query("next")))
    visit.form.prefill({"next": visit.query("next"), "login": visit.session.steps.get(LOGIN, "")})
    return visit.page(FORM)


@room.post("/staff/sign-in", roles=ANYBODY, max_bytes=MAX_SIGN_IN_FORM, again=show)
async def sign_in(visit: Visit) -> Response:
    """Check the password; with a second factor, its code is asked for next."""
    form = visit.form
    form.require(login=visit.say("Type your login."), password=visit.say("Type your password."))
    sent = {"login": form.value("login"), "password": form.raw("password")}
    try:
        reply = await visit.portal.post("/api/v1/sessions", sent)
    except RefusedError as refused:
        form.refuse(refused)
        if refused.code == "login-failed":
            form.general_error = visit.say("Login or password is not right. Look at both and type them again.")
        raise FormError from None
    if reply.status != 202:
        return await start_session(visit, reply.data, form.value("next"))
    keep_challenge(visit, reply.data, form.value("next"))
    if reply.data["next"] == "otp":
        return visit.go(CODE_PAGE)
    return await go_or_show(visit, TOTP_PAGE, show_code)


@room.get("/staff/sign-in/code", roles=ANYBODY)
async def show_code(visit: Visit) -> Response:
    """The form for the code."""
    if CHALLENGE not in visit.session.steps:
        return visit.go("/staff/sign-in")
    return visit.page(CODE_FORM)


@room.post("/staff/sign-in/code", roles=ANYBODY, max_bytes=MAX_SIGN_IN_FORM, again=show_code)
async def check_code(visit: Visit) -> Response:
    """Finish signing in with the code."""
    pending = visit.session.steps.get(CHALLENGE)
    if pending is None:
        return visit.go("/staff/sign-in")
    try:
        reply = await visit.portal.post(f"/api/v1/sessions/{pending['challenge']}/totp", factor_of(visit.form))
    except RefusedError as refused:
        refuse_factor(visit, refused)
    return await start_session(visit, reply.data, pending["next"])


@room.get("/staff", limited=True)
async def begin(visit: Visit) -> Response:
    """Go to the first page of the member's role."""
    assert visit.session.signed_in is not None
    return visit.go(HOMES[visit.session.signed_in.role])


def sign_in_again(visit: Visit, login: str, note: str) -> Response:
    """All sessions of this member have ended: go to signing in, with the login filled in."""
    visit.session.sign_out()
    visit.session.steps[LOGIN] = login
    return visit.go("/staff/sign-in", note)


def factor_of(form: Form) -> dict[str, str]:
    """The body for checking a second factor: the recovery code if one was typed, else the code of the app."""
    recovery = form.value(RECOVERY)
    return {RECOVERY: recovery[:MAX_RECOVERY]} if recovery else {"code": form.code()}


def refuse_factor(visit: Visit, refused: RefusedError) -> NoReturn:
    """Show a refusal at the field that was filled in. Raises FormError, or RefusedError if the outcome is unknown."""
    if visit.form.value(RECOVERY):
        words = visit.say("This recovery code does not work. Look at it again; each works once.")
        field = RECOVERY
    else:
        words = visit.say("This code does not work. Wait for the next one in the app, and type that.")
        field = "code"
    if refused.errors or refused.code == "totp-failed":
        visit.form.add_error(field, words)
    visit.form.refuse(refused, {"": field, "/": field, "totp-failed": field})
    raise FormError
