"""Acts that are confirmed on a page of their own, which first says what follows: on accounts and on services.

The texts of the page are in `acts.html`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.responses import Response

from gateway.web.administration.drafting import REVISION, unless_stale
from gateway.web.administration.room import room
from gateway.web.administration.services import API as SERVICES
from gateway.web.administration.services import stored_service
from gateway.web.administration.staff import API as MEMBERS
from gateway.web.administration.staff import home_of, member_of, password_page
from gateway.web.visit import Visit
from gateway.web.words import _


@dataclass(frozen=True, slots=True)
class AdminAct:
    """An act: its call, and the note afterwards."""

    method: str
    path: str
    done: str
    body: Mapping[str, bool] | None = None


ON_MEMBERS = {
    "disable": AdminAct("PATCH", "", _("The account is disabled."), {"disabled": True}),
    "enable": AdminAct("PATCH", "", _("The account is enabled."), {"disabled": False}),
    "password": AdminAct("POST", "/password-reset", ""),
    "factor": AdminAct("POST", "/totp-reset", _("The second factor is taken away.")),
    "confirm": AdminAct("POST", "/confirm", _("Confirmed. This person is an administrator now.")),
}
ON_SERVICES = {
    "publish": AdminAct("POST", "/publish", _("Published. It is in force now.")),
    "retire": AdminAct("POST", "/retire", _("Retired. Nobody can file for it any more.")),
    "discard": AdminAct("DELETE", "/draft", _("The draft is thrown away.")),
}


def act_name(visit: Visit) -> str:
    """The name of the act, the last segment of the address."""
    return visit.path.rpartition("/")[2]


def act_page(
    visit: Visit, name: str, nav: str, home: str, subject: str = "", id_: str = "", untried: str = ""
) -> Response:
    """What follows from an act, and the button. `untried` is the page for trying what must be tried before."""
    return visit.page(
        "administration/act.html", name=name, nav=nav, home=home, subject=subject, id=id_, try_first=untried
    )


async def show_member_act(visit: Visit) -> Response:
    """What follows from an act on an account, and the button. Raises RefusedError, NotFoundError."""
    member = await member_of(visit)
    return act_page(visit, act_name(visit), "staff", home_of(member), member["name"], member["login"])


async def act_on_member(visit: Visit) -> Response:
    """Carry out an act on an account. Raises RefusedError, NotFoundError."""
    act, member = ON_MEMBERS[act_name(visit)], await member_of(visit)
    path = f"{MEMBERS}/{member['id']}{act.path}"
    reply = await visit.portal.call(act.method, path, body=act.body, key=visit.form.key)
    if act.done:
        return visit.go(home_of(member), visit.say(act.done))
    return password_page(visit, member, reply.data["start_password"])


async def show_service_act(visit: Visit) -> Response:
    """What follows from an act on a service, and the button. Raises RefusedError."""
    stored, act = await stored_service(visit), act_name(visit)
    visit.form.prefill({REVISION: stored.etag})
    service = stored.data
    home = f"/admin/services/{service['code']}"
    untried = f"{home}/preview" if act == "publish" and service["draft"] != "preview" else ""
    name = visit.words.localised((service["draft_entry"] or service["entry"])["name"])
    return act_page(visit, act, "services", home, name, service["code"], untried)


async def act_on_service(visit: Visit) -> Response:
    """Carry out an act on the revision of a service that was shown. Raises RefusedError."""
    act, stored = ON_SERVICES[act_name(visit)], await stored_service(visit)
    code = stored.data["code"]
    with unless_stale(
        visit.form, stored, visit.say("Somebody else changed this service meanwhile. Look at it, then decide.")
    ):
        revision = visit.form.value(REVISION) or stored.etag
        await visit.portal.call(act.method, f"{SERVICES}/{code}{act.path}", revision=revision)
    gone = act.method == "DELETE" and not stored.data["version"]
    return visit.go("/admin/services" if gone else f"/admin/services/{code}", visit.say(act.done))


for _name in ON_MEMBERS:
    room.get(f"/admin/staff/{{member}}/{_name}")(show_member_act)
    room.post(f"/admin/staff/{{member}}/{_name}", again=show_member_act)(act_on_member)
for _name in ON_SERVICES:
    room.get(f"/admin/services/{{code}}/{_name}")(show_service_act)
    room.post(f"/admin/services/{{code}}/{_name}", again=show_service_act)(act_on_service)
