"""The colleagues of a department: what each has, who is away until when, who stands in, and handing over."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from starlette.responses import Response

from gateway.web.department.overseeing import oversees
from gateway.web.department.room import room
from gateway.web.forms.answers import read_date
from gateway.web.forms.form import Form
from gateway.web.portal import RefusedError, segment
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
    return await member_page(visit)


@room.post(f"{PATH}/{{account}}")
async def change(visit: Visit) -> Response:
    """Enter or end an absence, or hand over. Raises RefusedError, NotFoundError."""
    path, step = f"{API}/{segment(visit.args['account'])}", visit.form.value("step")
    try:
        if step == "back":
            await visit.portal.call("DELETE", f"{path}/absence")
            return visit.go(PATH, visit.say("The absence is removed."))
        if step == "handover":
            moved = (await visit.portal.post(f"{path}/handover", {})).data["moved"]
            note = visit.words.count("%(n)s request was handed over.", "%(n)s requests were handed over.", moved)
            return visit.go(PATH, note)
        if not (body := absence_of(visit)):
            return await member_page(visit, 422)
        await visit.portal.call("PUT", f"{path}/absence", body=body)
    except RefusedError as refused:
        if refused.status >= 500:
            raise
        visit.form.refuse(refused, NAMES)
        return await member_page(visit, refused.status)
    return visit.go(PATH, visit.say("The absence is entered. What is assigned meanwhile goes to the deputy."))


def absence_of(visit: Visit) -> dict[str, str]:
    """The absence in the form; empty if a day is missing."""
    form = visit.form
    days = {name: read_date(form, name) for name in ("first", "last")}
    for name, day in days.items():
        if not day:
            form.add_error(name, visit.say("Write the day."))
    deputy = form.value("deputy")
    entered = {name: day for name, day in days.items() if day}
    return {} if form.failed else {**entered, **({"deputy": deputy} if deputy else {})}


async def member_page(visit: Visit, status: int = 200) -> Response:
    """The page of a colleague's absence. Raises NotFoundError."""
    members = (await visit.portal.read(API))["members"]
    me = visit.session.signed_in
    account = me.account if me and visit.args["account"] == "me" else visit.args["account"]
    member = next((one for one in members if one["id"] == account), None)
    if member is None or not (oversees(visit) or (me and me.account == account)):
        raise NotFoundError
    prefill(visit.form, member)
    others = [(one["id"], one["name"] or visit.say("A colleague")) for one in members if one["id"] != account]
    return visit.page("department/absence.html", status, member=member, others=others, account=account)


def prefill(form: Form, member: Data) -> None:
    """The absence that is entered, else one that begins today."""
    first = member["away_from"] or utc_now().astimezone(PAKISTAN).date().isoformat()
    form.prefill({**parts("first", first), **parts("last", member["away_until"] or "")})
    if member["deputy"]:
        form.prefill({"deputy": member["deputy"]["id"]})


def parts(name: str, day: str) -> dict[str, str]:
    """A date as the three parts of its field."""
    if not day:
        return {}
    given = date.fromisoformat(day)
    return {f"{name}.day": str(given.day), f"{name}.month": str(given.month), f"{name}.year": str(given.year)}
