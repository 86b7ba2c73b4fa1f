"""The first pages of the counter: finding the citizen by CNIC or mobile, or opening an account."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.responses import Response

from gateway.web.counter.citizen import MaskedCitizen, remember
from gateway.web.counter.room import room
from gateway.web.forms.form import Form
from gateway.web.portal import RefusedError, not_found, or_else
from gateway.web.visit import Visit
from shared.spelling import bare

REGISTER = "counter/register.html"
BRACKETS = re.compile(r"[()./]")
MOBILE = re.compile(r"(\+|0|92|3\d{9}$)")
"""The beginning of a mobile number. No CNIC begins with 0 or 9; a CNIC that begins with 3 has more digits."""
FILED, MAX_FILED = "filed", 5
CODE = "counter/code.html"
STEP, AGAIN = "registering", "again"
REQUIRED = ("name", "cnic", "mobile")
LANGUAGES = ("ur", "en")


@room.get("/counter")
async def show(visit: Visit) -> Response:
    """The form for CNIC or mobile, and the numbers filed last."""
    return visit.page("counter/home.html", filed=visit.session.steps.get(FILED, []))


@room.post("/counter", again=show, names={"/mobile": "who", "/cnic": "who"})
async def find(visit: Visit) -> Response:
    """Look up the citizen; offer to open an account if there is none. Raises RefusedError."""
    typed = visit.form.value("who")
    visit.form.require(who=visit.say("Type the CNIC or the mobile number."))
    kind = kind_of(typed)
    reply = await or_else(None, visit.portal.post("/api/v1/citizens/lookup", {kind: typed}), not_found)
    if reply is None:
        return offer_account(visit, kind, typed)
    citizen = MaskedCitizen.of(reply.data)
    remember(visit, citizen)
    return visit.go(citizen.home)


def offer_account(visit: Visit, kind: str, typed: str) -> Response:
    """The form for an account, filled in with the number; the number is in no address."""
    visit.path, visit.form = "/counter/register", Form()
    visit.form.set(kind, typed)
    return visit.page(REGISTER, 404, missing=kind)


def kind_of(typed: str) -> str:
    """Whether the typed number is a mobile or a CNIC."""
    return "mobile" if MOBILE.match(BRACKETS.sub("", bare(typed))) else "cnic"


def remember_filed(visit: Visit, number: str) -> None:
    """Keep the number of a filing, for a citizen who comes back for the receipt."""
    kept: list[str] = visit.session.steps.setdefault(FILED, [])
    if number not in kept:
        kept.insert(0, number)
        del kept[MAX_FILED:]


@room.get("/counter/register")
async def show_registering(visit: Visit) -> Response:
    """The form for a new account."""
    return visit.page(REGISTER, missing="")


@room.post("/counter/register", again=show_registering)
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
