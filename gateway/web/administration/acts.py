"""Acts that are confirmed on a page of their own, which first says what follows: on accounts and on services."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.responses import Response

from gateway.web.administration.drafting import REVISION, STALE, refuse_as_stale
from gateway.web.administration.room import room
from gateway.web.administration.services import API as SERVICES
from gateway.web.administration.services import stored_service
from gateway.web.administration.staff import API as MEMBERS
from gateway.web.administration.staff import home_of, member_of, password_page
from gateway.web.portal import RefusedError
from gateway.web.visit import Visit
from gateway.web.words import _


@dataclass(frozen=True, slots=True)
class AdminAct:
    """An act: its heading, what follows from it, its button, the note afterwards, and its call."""

    heading: str
    follows: tuple[str, ...]
    button: str
    done: str
    method: str = "POST"
    path: str = ""
    body: Mapping[str, bool] | None = None


ON_MEMBERS = {
    "disable": AdminAct(
        _("Disable this account"),
        (
            _("All sessions end, and nobody can sign in with it."),
            _("What this person works on stays. Give it to somebody else."),
            _("You can enable it again."),
        ),
        _("Disable the account"),
        _("The account is disabled."),
        "PATCH",
        body={"disabled": True},
    ),
    "enable": AdminAct(
        _("Enable this account"),
        (_("The person can sign in again with the same password and second factor."),),
        _("Enable the account"),
        _("The account is enabled."),
        "PATCH",
        body={"disabled": False},
    ),
    "password": AdminAct(
        _("Give a new start password"),
        (
            _("The old password ends now, and all sessions with it."),
            _("The new one is shown to you once. It works for three days, and only for choosing another."),
        ),
        _("Make a start password"),
        "",
        path="/password-reset",
    ),
    "factor": AdminAct(
        _("Take away the second factor"),
        (
            _("Do this only when the phone is lost and you know who is asking."),
            _("All sessions end. At the next sign-in the person sets up another."),
        ),
        _("Take the second factor away"),
        _("The second factor is taken away."),
        path="/totp-reset",
    ),
    "confirm": AdminAct(
        _("Confirm an administrator"),
        (
            _("An administrator makes departments, services and accounts of staff."),
            _("Two people decide it: the person who proposed it cannot confirm it."),
            _("Confirm only when you know this person and why the role is needed."),
        ),
        _("Confirm the administrator"),
        _("Confirmed. This person is an administrator now."),
        path="/confirm",
    ),
}
ON_SERVICES = {
    "publish": AdminAct(
        _("Publish the draft"),
        (
            _("From now on citizens see it and file under it."),
            _("Requests that were filed before keep the version that they were filed under."),
            _("Every version stays in the list. A published version is never changed."),
        ),
        _("Publish it"),
        _("Published. It is in force now."),
        path="/publish",
    ),
    "retire": AdminAct(
        _("Retire the service"),
        (
            _("Nobody can file for it any more, and it is not listed."),
            _("Requests that were filed go on to their end."),
            _("To offer it again, publish a new version."),
        ),
        _("Retire it"),
        _("Retired. Nobody can file for it any more."),
        path="/retire",
    ),
    "discard": AdminAct(
        _("Throw the draft away"),
        (_("What is written in the draft is lost."), _("The version in force stays as it is.")),
        _("Throw it away"),
        _("The draft is thrown away."),
        "DELETE",
        "/draft",
    ),
}


def act_name(visit: Visit) -> str:
    """The name of the act, the last segment of the address."""
    return visit.path.rpartition("/")[2]


async def show_member_act(visit: Visit) -> Response:
    """What follows from an act on an account, and the button. Raises RefusedError, NotFoundError."""
    name, member = act_name(visit), await member_of(visit)
    return visit.page("administration/staff-act.html", act=ON_MEMBERS[name], name=name, member=member)


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
    stored = await stored_service(visit)
    visit.form.prefill({REVISION: stored.etag})
    which, service = act_name(visit), stored.data
    name = (service["draft_entry"] or service["entry"])["name"]
    return visit.page(
        "administration/services-act.html", act=ON_SERVICES[which], which=which, service=service, name=name
    )


async def act_on_service(visit: Visit) -> Response:
    """Carry out an act on the revision of a service that was shown. Raises RefusedError."""
    act, stored = ON_SERVICES[act_name(visit)], await stored_service(visit)
    code = stored.data["code"]
    try:
        path = f"{SERVICES}/{code}{act.path}"
        await visit.portal.call(act.method, path, revision=visit.form.value(REVISION) or stored.etag)
    except RefusedError as refused:
        if refused.status != STALE:
            raise
        words = visit.say("Somebody else changed this service meanwhile. Look at it, then decide.")
        refuse_as_stale(visit.form, stored, words)
    if act.method == "DELETE" and not stored.data["version"]:
        return visit.go("/admin/services", visit.say(act.done))
    return visit.go(f"/admin/services/{code}", visit.say(act.done))


for _name in ON_MEMBERS:
    room.get(f"/admin/staff/{{member}}/{_name}")(show_member_act)
    room.post(f"/admin/staff/{{member}}/{_name}", again=show_member_act)(act_on_member)
for _name in ON_SERVICES:
    room.get(f"/admin/services/{{code}}/{_name}")(show_service_act)
    room.post(f"/admin/services/{{code}}/{_name}", again=show_service_act)(act_on_service)
