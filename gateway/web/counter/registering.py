"""A new account for a citizen: the form, and the code that the citizen reads out."""

from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.responses import Response

from gateway.web.counter.citizen import MaskedCitizen, remember
from gateway.web.counter.finding import REGISTER
from gateway.web.counter.room import room
from gateway.web.portal import RefusedError
from gateway.web.visit import Visit

CODE = "counter/code.html"
STEP, AGAIN = "registering", "again"
REQUIRED = ("name", "cnic", "mobile")
LANGUAGES = ("ur", "en")


@room.get("/counter/register")
async def show(visit: Visit) -> Response:
    """The form for a new account."""
    return visit.page(REGISTER, missing="")


@room.post("/counter/register", again=show)
async def register(visit: Visit) -> Response:
    """Begin the registration; a code goes to the mobile. Raises RefusedError."""
    form = visit.form
    needed = {
        "name": visit.say("Write the name as it is written on the identity card."),
        "cnic": visit.say("Write the 13 digits of the identity card."),
        "mobile": visit.say("Write the citizen’s mobile number."),
    }
    if form.value("language") not in LANGUAGES:
        form.add_error("language", visit.say("Choose the language of our messages."))
    form.require(**needed)
    optional = {name: form.value(name) for name in ("email", "address") if form.value(name)}
    body = {name: form.value(name) for name in (*REQUIRED, "language")} | optional
    if (before := visit.session.steps.get(STEP)) is not None:
        body["instead_of"] = before["registration"]  # corrects a mistyped registration
    reply = await visit.portal.post("/api/v1/citizens", body, key=form.key)
    keep(visit, reply.data, name=body["name"], mobile=body["mobile"])
    return visit.go("/counter/register/code")


@room.get("/counter/register/code")
async def show_code(visit: Visit) -> Response:
    """The form for the code that the citizen reads out."""
    pending = visit.session.steps.get(STEP)
    if pending is None:
        return visit.go("/counter/register")
    again_at = datetime.fromisoformat(pending["again_at"])
    return visit.page(CODE, pending=pending, again_at=again_at, waiting=again_at > datetime.now(UTC))


@room.post("/counter/register/code", again=show_code, names={"otp-failed": "code"})
async def check_code(visit: Visit) -> Response:
    """Open the account with the code, or send another. Raises RefusedError."""
    pending = visit.session.steps.get(STEP)
    if pending is None:
        return visit.go("/counter/register")
    if visit.form.has(AGAIN):
        return await send_again(visit, pending)
    visit.form.require(code=visit.say("Type the 6 digits that the citizen reads out."))
    try:
        body = {"code": visit.form.code()}
        reply = await visit.portal.post(f"/api/v1/citizens/{pending['registration']}/otp", body)
    except RefusedError as refused:
        if refused.errors:
            visit.form.add_error("code", visit.say("The code has 6 digits. Let the citizen read it out once more."))
        raise
    del visit.session.steps[STEP]
    citizen = MaskedCitizen.of({**reply.data, "name": pending["name"], "mobile": pending["mobile"]})
    remember(visit, citizen)
    return visit.go(citizen.home, visit.say("The account is open. The citizen can set a password later, at Sign in."))


async def send_again(visit: Visit, pending: dict[str, Any]) -> Response:
    """Send a new code by the chosen channel. Raises RefusedError."""
    channel = "email" if visit.form.value(AGAIN) == "email" else "sms"
    path = f"/api/v1/registrations/{pending['registration']}/otp/resend"
    reply = await visit.portal.post(path, {"channel": channel})
    keep(visit, reply.data, name=pending["name"], mobile=pending["mobile"])
    return visit.go("/counter/register/code", visit.say("A new code is on its way. Only the newest code works."))


def keep(visit: Visit, registration: dict[str, Any], *, name: str, mobile: str) -> None:
    """Keep in the session what the page for the code needs."""
    again_at = datetime.now(UTC) + timedelta(seconds=registration["resend_after"])
    before = visit.session.steps.get(STEP, {})
    visit.session.steps[STEP] = {
        "registration": registration.get("registration") or before.get("registration"),
        "channels": registration["channels"],
        "sent_by": registration["sent_by"],
        "again_at": again_at.isoformat(timespec="seconds"),
        "name": name,
        "mobile": mobile,
    }
