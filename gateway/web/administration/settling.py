"""What puts a service in force or takes it away: publish, retire, throw a draft away. Each tells first what follows."""

from dataclasses import dataclass

from starlette.responses import Response

from gateway.web.administration.drafting import REVISION, STALE
from gateway.web.administration.room import room
from gateway.web.administration.services import API, read
from gateway.web.portal import RefusedError, Reply
from gateway.web.visit import Visit
from gateway.web.words import _

PAGE = "administration/services-act.html"


@dataclass(frozen=True, slots=True)
class Settling:
    """An act: its heading, what follows from it, its button, what is told afterwards, and how it is asked for."""

    heading: str
    follows: tuple[str, ...]
    button: str
    done: str
    method: str
    path: str


ACTS = {
    "publish": Settling(
        _("Publish the draft"),
        (
            _("From now on citizens see it and file under it."),
            _("Requests that were filed before keep the version that they were filed under."),
            _("Every version stays in the list. A published version is never changed."),
        ),
        _("Publish it"),
        _("Published. It is in force now."),
        "POST",
        "/publish",
    ),
    "retire": Settling(
        _("Retire the service"),
        (
            _("Nobody can file for it any more, and it is not listed."),
            _("Requests that were filed go on to their end."),
            _("To offer it again, publish a new version."),
        ),
        _("Retire it"),
        _("Retired. Nobody can file for it any more."),
        "POST",
        "/retire",
    ),
    "discard": Settling(
        _("Throw the draft away"),
        (_("What is written in the draft is lost."), _("The version in force stays as it is.")),
        _("Throw it away"),
        _("The draft is thrown away."),
        "DELETE",
        "/draft",
    ),
}


def name_of(visit: Visit) -> str:
    """The name of the act, which ends the address."""
    return visit.path.rpartition("/")[2]


def act_of(visit: Visit) -> Settling:
    """The act in the address."""
    return ACTS[name_of(visit)]


@room.get("/admin/services/{code}/publish")
@room.get("/admin/services/{code}/retire")
@room.get("/admin/services/{code}/discard")
async def show(visit: Visit) -> Response:
    """What follows from it, and the button. Raises RefusedError."""
    act, stored = act_of(visit), await read(visit)
    visit.form.prefill({REVISION: stored.etag})
    return page(visit, act, stored)


@room.post("/admin/services/{code}/publish")
@room.post("/admin/services/{code}/retire")
@room.post("/admin/services/{code}/discard")
async def carry_out(visit: Visit) -> Response:
    """Do it on the revision that was seen. Raises RefusedError."""
    act, stored = act_of(visit), await read(visit)
    code = stored.data["code"]
    try:
        path = f"{API}/{code}{act.path}"
        await visit.portal.call(act.method, path, revision=visit.form.value(REVISION) or stored.etag)
    except RefusedError as refused:
        if refused.status == STALE:
            words = visit.say("Somebody else changed this service meanwhile. Look at it, then decide.")
            visit.form.general_error = words
            visit.form.set(REVISION, stored.etag)
        else:
            visit.form.refuse(refused)
        return page(visit, act, stored, refused.status)
    if act.method == "DELETE" and not stored.data["version"]:
        return visit.go("/admin/services", visit.say(act.done))
    return visit.go(f"/admin/services/{code}", visit.say(act.done))


def page(visit: Visit, act: Settling, stored: Reply, status: int = 200) -> Response:
    """Show what follows, and the button."""
    service = stored.data
    name = (service["draft_entry"] or service["entry"])["name"]
    return visit.page(PAGE, status, act=act, which=name_of(visit), service=service, name=name)
