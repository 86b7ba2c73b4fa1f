"""Partners: organisations whose apps file requests for people by Open311, and their keys."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from gateway.web.administration.room import room
from gateway.web.forms.form import kept_hours
from gateway.web.portal import first_with, segment
from gateway.web.visit import Visit

API = "/api/v1/admin/partners"
LIST, NEW, ONE, KEY = (f"administration/partners{part}.html" for part in ("", "-new", "-one", "-key"))
Partner = Mapping[str, Any]


@room.get("/admin/partners")
async def show(visit: Visit) -> Response:
    """All partners. Raises RefusedError."""
    return visit.page(LIST, partners=(await visit.portal.read(API))["partners"])


show_new = room.template("/admin/partners/new", NEW)


@room.post("/admin/partners/new", again=show_new, names={"partner-there": "code"})
async def make(visit: Visit) -> Response:
    """Make a partner; its key is shown once. Raises RefusedError."""
    form = visit.form
    form.require(code=visit.say("Choose a code."), name=visit.say("Write its name."))
    reply = await visit.portal.post(API, {"code": form.value("code"), "name": form.value("name")})
    return key_page(visit, reply.data)


@room.get("/admin/partners/{code}")
async def show_one(visit: Visit) -> Response:
    """A partner, and the buttons for its key. Raises RefusedError, NotFoundError."""
    visit.form.prefill({"keep_old_hours": ""})
    return visit.page(ONE, partner=await partner_of(visit))


@room.post("/admin/partners/{code}", again=show_one)
async def change(visit: Visit) -> Response:
    """Make a new key, or end it. Raises RefusedError, NotFoundError."""
    partner = await partner_of(visit)
    path = f"{API}/{partner['code']}"
    if visit.form.value("do") == "end":
        await visit.portal.call("DELETE", path)
        return visit.go(f"/admin/partners/{partner['code']}", visit.say("The key has ended."))
    body = kept_hours(visit.form, visit.say("Choose when the old key ends."))
    return key_page(visit, (await visit.portal.post(f"{path}/key", body)).data)


async def partner_of(visit: Visit) -> Partner:
    """The partner in the address. Raises RefusedError, NotFoundError."""
    return first_with((await visit.portal.read(API))["partners"], "code", segment(visit.args["code"]))


def key_page(visit: Visit, partner: Partner) -> Response:
    """The page that shows a partner's key, once."""
    visit.private = True
    visit.path = f"/admin/partners/{partner['code']}"
    return visit.page(KEY, partner=partner, endpoint=f"{visit.settings.public_url}/open311/v2")
