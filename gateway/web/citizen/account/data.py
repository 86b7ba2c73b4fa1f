"""What is kept of oneself: to see, and to correct one thing at a time."""

import asyncio
from dataclasses import replace
from typing import Any

from starlette.responses import Response

from gateway.web.citizen.account.reach import reach_of
from gateway.web.citizen.room import room
from gateway.web.portal import RefusedError
from gateway.web.refusals import demand, refuse
from gateway.web.visit import Visit
from gateway.web.words import _
from shared.errors import NotFoundError

FORM = "citizen/account/change.html"
CHANGED = {
    "name": _("Your name has been changed. We sent you a message about it."),
    "email": _(
        "Your email address has been changed. We sent a message about it to your mobile and to the old address."
    ),
    "address": _("Your address has been changed. We sent you a message about it."),
    "language": _("From now on we write to you in this language."),
}
NEEDED = {
    "name": _("Write your name as it stands on your identity card."),
    "email": _("Write your email address."),
    "address": _("Write your address."),
    "language": _("Choose a language."),
}


async def own_data(visit: Visit) -> dict[str, Any]:
    """One's account. Raises RefusedError."""
    found: dict[str, Any] = (await visit.portal.get("/api/v1/me")).data
    return found


@room.get("/my/data")
async def show(visit: Visit) -> Response:
    """Everything about oneself on one page."""
    own, reach = await asyncio.gather(own_data(visit), reach_of(visit))
    return visit.page("citizen/account/data.html", own=own, reach=reach)


@room.get("/my/data/{field}")
async def show_field(visit: Visit) -> Response:
    """The form for one thing."""
    field = _field(visit)
    own = await own_data(visit)
    visit.form.begin({field: own.get(field, "")})
    return visit.page(FORM, question=field)


@room.post("/my/data/{field}")
async def correct(visit: Visit) -> Response:
    """Correct it. A new email needs the password, since codes may go there."""
    field, form = _field(visit), visit.form
    needed = {field: visit.say(NEEDED[field])}
    if field == "email":
        needed["password"] = visit.say("Type your password.")
    if not demand(visit, **needed):
        return visit.page(FORM, question=field)
    body = {field: form.value(field)} | ({"password": form.secret("password")} if field == "email" else {})
    try:
        reply = await visit.portal.call("PATCH", "/api/v1/me", body=body)
    except RefusedError as refused:
        refuse(visit, refused, {"password-wrong": "password"})
        return visit.page(FORM, refused.status, question=field)
    if visit.session.signed_in:
        visit.session.signed_in = replace(visit.session.signed_in, name=reply.data["name"])
    return visit.go("/my/data", visit.say(CHANGED[field]))


def _field(visit: Visit) -> str:
    """What this page is about. Raises NotFoundError."""
    if visit.args["field"] not in CHANGED:
        raise NotFoundError
    return visit.args["field"]
