"""What is done to an account with one button: each on a page that tells first what follows from it."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.responses import Response

from gateway.web.administration.members import API, member_of
from gateway.web.administration.room import room
from gateway.web.administration.staff import at, secret
from gateway.web.portal import RefusedError
from gateway.web.visit import Visit
from gateway.web.words import _

PAGE = "administration/staff-act.html"


@dataclass(frozen=True, slots=True)
class MemberAct:
    """An act: its heading, what follows from it, its button, and what is told afterwards."""

    heading: str
    follows: tuple[str, ...]
    button: str
    done: str
    method: str = "POST"
    path: str = ""
    body: Mapping[str, bool] | None = None


ACTS = {
    "disable": MemberAct(
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
    "enable": MemberAct(
        _("Enable this account"),
        (_("The person can sign in again with the same password and second factor."),),
        _("Enable the account"),
        _("The account is enabled."),
        "PATCH",
        body={"disabled": False},
    ),
    "password": MemberAct(
        _("Give a new start password"),
        (
            _("The old password ends now, and all sessions with it."),
            _("The new one is shown to you once. It works for three days, and only for choosing another."),
        ),
        _("Make a start password"),
        "",
        path="/password-reset",
    ),
    "factor": MemberAct(
        _("Take away the second factor"),
        (
            _("Do this only when the phone is lost and you know who is asking."),
            _("All sessions end. At the next sign-in the person sets up another."),
        ),
        _("Take the second factor away"),
        _("The second factor is taken away."),
        path="/totp-reset",
    ),
    "confirm": MemberAct(
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


def name_of(visit: Visit) -> str:
    """The name of the act, which ends the address."""
    return visit.path.rpartition("/")[2]


def act_of(visit: Visit) -> MemberAct:
    """The act in the address."""
    return ACTS[name_of(visit)]


@room.get("/admin/staff/{member}/disable")
@room.get("/admin/staff/{member}/enable")
@room.get("/admin/staff/{member}/password")
@room.get("/admin/staff/{member}/factor")
@room.get("/admin/staff/{member}/confirm")
async def show(visit: Visit) -> Response:
    """What follows from it, and the button. Raises RefusedError, NotFoundError."""
    return visit.page(PAGE, act=act_of(visit), name=name_of(visit), member=await member_of(visit))


@room.post("/admin/staff/{member}/disable")
@room.post("/admin/staff/{member}/enable")
@room.post("/admin/staff/{member}/password")
@room.post("/admin/staff/{member}/factor")
@room.post("/admin/staff/{member}/confirm")
async def carry_out(visit: Visit) -> Response:
    """Do it. Raises RefusedError, NotFoundError."""
    act, member = act_of(visit), await member_of(visit)
    try:
        path = f"{API}/{member['id']}{act.path}"
        reply = await visit.portal.call(act.method, path, body=act.body, key=visit.form.key)
    except RefusedError as refused:
        visit.form.refuse(refused)
        return visit.page(PAGE, refused.status, act=act, name=name_of(visit), member=member)
    if act.done:
        return visit.go(at(member), visit.say(act.done))
    return secret(visit, member, reply.data["start_password"])
