"""The second factor: setting up an authenticator app, the recovery codes, and removing it."""

from starlette.responses import Response

from gateway.web.forms.form import Form
from gateway.web.portal import RefusedError
from gateway.web.rooms import ANYBODY
from gateway.web.staff.room import room
from gateway.web.staff.sign_in import LOGIN, factor_of, refuse_factor, sign_in_again
from gateway.web.visit import Visit

API = "/api/v1/me/totp"
STEP = "totp"
CODE = "recovery"
BEGIN, CONFIRM, CODES = (f"staff/second-factor{part}.html" for part in ("", "-confirm", "-codes"))
REMOVE = "staff/second-factor-remove.html"


@room.get("/staff/second-factor", limited=True)
async def show(visit: Visit) -> Response:
    """What a second factor is, and the button to set it up."""
    own = await visit.portal.read("/api/v1/me")
    return visit.go("/staff/account") if own.get("totp") else visit.page(BEGIN, own=own)


@room.post("/staff/second-factor", limited=True)
async def begin(visit: Visit) -> Response:
    """Get a secret for the app; the second factor is on once the app has shown a correct code."""
    own = await visit.portal.read("/api/v1/me")
    try:
        enrolment = (await visit.portal.post(API)).data
    except RefusedError as refused:
        if refused.code != "totp-there":
            raise
        return visit.go("/staff/account", visit.say("Your second factor is set up already."))
    visit.session.steps[STEP] = {**enrolment, "login": own["login"]}
    return visit.go("/staff/second-factor/confirm")


@room.get("/staff/second-factor/confirm", limited=True)
async def show_confirm(visit: Visit) -> Response:
    """The secret as a QR code and in groups of four letters for typing, and the form for the first code."""
    enrolment = visit.session.steps.get(STEP)
    if enrolment is None:
        return visit.go("/staff/second-factor")
    secret = enrolment["secret"]
    groups = [secret[start : start + 4] for start in range(0, len(secret), 4)]
    return visit.page(CONFIRM, uri=enrolment["uri"], groups=groups)


@room.post("/staff/second-factor/confirm", limited=True, again=show_confirm)
async def confirm(visit: Visit) -> Response:
    """Turn the second factor on; the recovery codes are shown once. All sessions end, this one too."""
    enrolment = visit.session.steps.get(STEP)
    if enrolment is None:
        return visit.go("/staff/second-factor")
    try:
        reply = await visit.portal.post(f"{API}/confirm", {"code": visit.form.code()})
    except RefusedError as refused:
        if refused.code == "totp-there":
            return visit.go("/staff/account", visit.say("Your second factor is set up already."))
        if refused.status == 401:
            return _sent_twice(visit, enrolment["login"])
        refuse_factor(visit, refused)
    visit.session.sign_out()
    visit.session.steps[LOGIN] = enrolment["login"]
    visit.path = "/staff/second-factor/codes"
    visit.form = Form([(CODE, code) for code in reply.data["recovery_codes"]])
    return await show_codes(visit)


@room.get("/staff/second-factor/codes", roles=ANYBODY)
async def show_codes(visit: Visit) -> Response:
    """The recovery codes, once. Only the page contains them, so that it can be shown in the other language too."""
    codes = visit.form.values(CODE)
    if not codes:
        return visit.go("/staff/sign-in")
    visit.private = True
    return visit.page(CODES, codes=codes, login=visit.session.steps.get(LOGIN, ""))


@room.post("/staff/second-factor/codes", roles=ANYBODY)
async def keep_codes(visit: Visit) -> Response:
    """The codes are kept: go on to signing in."""
    return visit.go("/staff/sign-in")


def _sent_twice(visit: Visit, login: str) -> Response:
    """The session has ended, as it does when the second factor is on: most likely the form was sent twice."""
    note = visit.say("Your second factor may be on already. Sign in; if you saw no recovery codes, renew it.")
    return sign_in_again(visit, login, note)


@room.get("/staff/second-factor/remove")
async def show_remove(visit: Visit) -> Response:
    """What removing means, and the form for it."""
    own = await visit.portal.read("/api/v1/me")
    return visit.page(REMOVE, own=own) if own.get("totp") else visit.go("/staff/account")


@room.post("/staff/second-factor/remove", again=show_remove)
async def remove(visit: Visit) -> Response:
    """Remove it with one of its codes. All sessions end, this one too."""
    own = await visit.portal.read("/api/v1/me")
    try:
        await visit.portal.call("DELETE", API, body=factor_of(visit.form))
    except RefusedError as refused:
        refuse_factor(visit, refused)
    return sign_in_again(visit, own["login"], visit.say("Your second factor is removed. Sign in to set up another."))
