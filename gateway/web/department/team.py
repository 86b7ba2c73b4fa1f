"""The colleagues of a department: what each has, who is away until when, who stands in, and handing over."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from gateway.web.department.room import oversees, room
from gateway.web.forms.answers import date_fields, read_date
from gateway.web.forms.form import Form, FormError
from gateway.web.portal import segment
from gateway.web.visit import Visit
from gateway.web.words import _
from shared.clock import PAKISTAN, utc_now
from shared.errors import NotFoundError

API, PATH = "/api/v1/desk/team", "/desk/team"
ON, OFF = _("New requests are now assigned automatically."), _("New requests wait until somebody takes them.")
NAMES = {"/first": "first", "/last": "last", "/until": "last", "/deputy": "deputy", "/to": "deputy"}
Data = Mapping[str, Any]


@room.get(PATH)
async def show(visit: Visit) -> Response:
    """The team. Raises RefusedError."""
    return visit.page("department/team.html", team=await visit.portal.read(API), oversees=oversees(visit))


@room.post(PATH)
async def choose(visit: Visit) -> Response:
    """Turn automatic assigning on or off. Raises RefusedError."""
    on = visit.form.value("auto") == "on"
    await visit.portal.call("PUT", f"{API}/settings", body={"auto_assign": on})
    return visit.go(PATH, visit.say(ON if on else OFF))


@room.get(f"{PATH}/{{account}}")
async def show_member(visit: Visit) -> Response:
    """A colleague's absence. Raises RefusedError, NotFoundError."""
    members = (await visit.portal.read(API))["members"]
    account = visit.account if visit.args["account"] == "me" else visit.args["account"]
    member = next((one for one in members if one["id"] == account), None)
    if member is None or not (oversees(visit) or visit.account == account):
        raise NotFoundError
    prefill(visit.form, member)
    others = [(one["id"], one["name"] or visit.say("A colleague")) for one in members if one["id"] != account]
    return visit.page("department/absence.html", member=member, others=others, account=account)


@room.post(f"{PATH}/{{account}}", again=show_member, names=NAMES)
async def change(visit: Visit) -> Response:
    """Enter or end an absence, or hand over. Raises RefusedError, NotFoundError."""
    path, step = f"{API}/{segment(visit.args['account'])}", visit.form.value("step")
    if step == "back":
        await visit.portal.call("DELETE", f"{path}/absence")
        return visit.go(PATH, visit.say("The absence is removed."))
    if step == "handover":
        moved = (await visit.portal.post(f"{path}/handover", {})).data["moved"]
        note = visit.words.count("%(n)s request was handed over.", "%(n)s requests were handed over.", moved)
        return visit.go(PATH, note)
    await visit.portal.call("PUT", f"{path}/absence", body=absence_of(visit))
    return visit.go(PATH, visit.say("The absence is entered. What is assigned meanwhile goes to the deputy."))


def absence_of(visit: Visit) -> dict[str, str]:
    """The absence in the form. Raises FormError if a day is missing."""
    form = visit.form
    absence = {"first": read_date(form, "first"), "last": read_date(form, "last"), "deputy": form.value("deputy")}
    for name in ("first", "last"):
        if not absence[name]:
            form.add_error(name, visit.say("Write the day."))
    if form.failed:
        raise FormError
    return {name: value for name, value in absence.items() if value}


def prefill(form: Form, member: Data) -> None:
    """The absence that is entered, else one that begins today."""
    first = member["away_from"] or utc_now().astimezone(PAKISTAN).date().isoformat()
    form.prefill({**date_fields("first", first), **date_fields("last", member["away_until"] or "")})
    if member["deputy"]:
        form.prefill({"deputy": member["deputy"]["id"]})
