"""The citizen's own data: to see, and to correct one field at a time; the password; and closing the account."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from starlette.responses import Response

from gateway.web.citizen.room import room
from gateway.web.portal import or_else, unavailable
from gateway.web.visit import Visit
from gateway.web.words import _
from shared.errors import NotFoundError

CHANGED = {
    "name": _("Your name has been changed. We sent you a message about it."),
    "email": _(
        "Your email address has been changed. We sent a message about it to your mobile and to the old address."
    ),
    "address": _("Your address has been changed. We sent you a message about it."),
    "language": _("From now on we write to you in this language."),
}
NEEDED = {
    "name": _("Write your name as it is written on your identity card."),
    "email": _("Write your email address."),
    "address": _("Write your address."),
    "language": _("Choose a language."),
}
PASSWORD_NAMES = {
    "password-wrong": "current_password",
    "new-password-refused": "new_password",
    "/current": "current_password",
    "/password": "new_password",
}
show_password = room.template("/my/password", "citizen/account/password.html")
show_close = room.template("/my/close", "citizen/account/close.html")


async def reach_of(visit: Visit) -> Mapping[str, Any]:
    """How well our messages arrive, by channel; empty if the notifier does not answer. Raises RefusedError."""
    return await or_else({}, visit.portal.read("/api/v1/notifications/reach"), unavailable)


@room.get("/my/data")
async def show(visit: Visit) -> Response:
    """All of the citizen's data on one page."""
    account, reach = await asyncio.gather(visit.portal.read("/api/v1/me"), reach_of(visit))
    return visit.page("citizen/account/data.html", own=account, reach=reach)


@room.get("/my/data/{field}")
async def show_field(visit: Visit) -> Response:
    """The form for one field."""
    field = _field(visit)
    account = await visit.portal.read("/api/v1/me")
    visit.form.prefill({field: account.get(field, "")})
    return visit.page("citizen/account/change.html", question=field)


@room.post("/my/data/{field}", again=show_field, names={"password-wrong": "password"})
async def correct(visit: Visit) -> Response:
    """Correct a field. A new email address needs the password, because codes may go there."""
    field, form = _field(visit), visit.form
    needed = {field: visit.say(NEEDED[field])}
    if field == "email":
        needed["password"] = visit.say("Type your password.")
    form.require(**needed)
    body = {field: form.value(field)} | ({"password": form.raw("password")} if field == "email" else {})
    reply = await visit.portal.call("PATCH", "/api/v1/me", body=body)
    if visit.session.signed_in:
        visit.session.signed_in = replace(visit.session.signed_in, name=reply.data["name"])
    return visit.go("/my/data", visit.say(CHANGED[field]))


def _field(visit: Visit) -> str:
    """The field in the address. Raises NotFoundError."""
    if visit.args["field"] not in CHANGED:
        raise NotFoundError
    return visit.args["field"]


@room.post("/my/password", again=show_password, names=PASSWORD_NAMES)
async def change_password(visit: Visit) -> Response:
    """Change the password; all other sessions end."""
    form = visit.form
    form.require(
        current_password=visit.say("Type your current password."),
        new_password=visit.say("Choose a new password."),
    )
    body = {"current": form.raw("current_password"), "password": form.raw("new_password")}
    await visit.portal.call("PUT", "/api/v1/me/password", body=body)
    return visit.go("/my/data", visit.say("Your new password is set. All your other devices were signed out."))


@room.post("/my/close", again=show_close, names={"password-wrong": "password"})
async def close(visit: Visit) -> Response:
    """Close the account if the box is ticked and the password is right."""
    visit.form.require(
        sure=visit.say("Tick the box if you want to close your account."),
        password=visit.say("Type your password."),
    )
    await visit.portal.post("/api/v1/me/erasure", {"password": visit.form.raw("password")})
    visit.session.sign_out()
    return visit.go("/", visit.say("Your account is closed. What we kept about you is erased within minutes."))
