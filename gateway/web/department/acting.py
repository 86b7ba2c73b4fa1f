"""Taking an act: done once however often it is sent, and never over what somebody else did meanwhile."""

import asyncio
import re
from collections.abc import Awaitable, Callable

from starlette.datastructures import UploadFile
from starlette.responses import Response

from gateway.web import files
from gateway.web.department.acts import ATTACH, OVERRIDE, RESOLVE, TRANSFER, OfferedAct
from gateway.web.department.history import steps_after
from gateway.web.department.opened import ASSIGNMENTS, REQUESTS, open_request
from gateway.web.department.request import act_of, shown
from gateway.web.department.room import room
from gateway.web.forms.form import refusal_text
from gateway.web.portal import RefusedError, segment
from gateway.web.visit import Visit

EVIDENCE = "evidence"
AWAY = {TRANSFER.name: "/desk", OVERRIDE.name: "/desk/held"}
"""Acts after which a request cannot be seen for a moment, or any more."""
SEEN = re.compile(r"[0-9]{1,6}")
"""How many steps the page showed."""
MAX_LOOKS, LOOK_AGAIN = 50, 0.1
"""How often, and after how many seconds, the assignment is asked whether it has heard of a file."""


@room.post("/desk/{number}/{act}", max_bytes=files.MAX_UPLOAD)
async def take(visit: Visit) -> Response:
    """Do it. Raises RefusedError, NotFoundError."""
    act, status = act_of(visit), 422
    try:
        await HOW.get(act.name, send)(visit, act, visit.form.value("revision"))
    except RefusedError as refused:
        if is_late(refused):
            return await came_between(visit, act, refused)
        if refused.status >= 500 or refused.status == 429:
            raise
        if refused.status == 404:
            return gone(visit, act)
        act.refuse(visit.form, refused, visit.words)
        status = refused.status
    if visit.form.failed:
        return shown(visit, await open_request(visit), act, status)
    return done(visit, act)


def is_late(refused: RefusedError) -> bool:
    """Whether it could have been done before, in the state that was seen."""
    return refused.status == 412 or refused.code == "transition-refused"


async def send(visit: Visit, act: OfferedAct, revision: str) -> None:
    """Tell the API. Raises RefusedError."""
    path = f"{act.door}/{segment(visit.args['number'])}/{act.name}"
    await visit.portal.post(path, act.body(visit.form), revision=revision)


async def came_between(visit: Visit, act: OfferedAct, refused: RefusedError) -> Response:
    """Somebody was faster, or this very form was sent before. Raises RefusedError."""
    try:
        opened = await open_request(visit)
    except RefusedError as away:
        if away.status != 404:
            raise
        return gone(visit, act)
    seen = visit.form.value("seen")
    between = steps_after(act.steps(opened), int(seen) if SEEN.fullmatch(seen) else 0)
    me = visit.session.signed_in
    if any(act.is_done(step, visit.form, me.account if me else "") for step in between):
        return done(visit, act)
    if not between and refused.status == 412 and act.action in opened.actions:
        await send(visit, act, act.revision(opened))  # nothing that anybody did: a file was noted, a clock was set
        return done(visit, act)
    return shown(visit, opened, act, refused.status, between)


def gone(visit: Visit, act: OfferedAct) -> Response:
    """It is at another department by now, perhaps because this very form was sent before."""
    typed = act.typed(visit.form)
    if act is TRANSFER or not typed:
        return visit.go("/desk", visit.say("The request is not at your department any more."))
    return visit.page("department/gone.html", 404, act=act, number=segment(visit.args["number"]), typed=typed)


def done(visit: Visit, act: OfferedAct) -> Response:
    """Lead to the request, or to the list from where it just went elsewhere."""
    place = AWAY.get(act.name) or f"/desk/{segment(visit.args['number'])}"
    return visit.go(place, visit.say(act.note))


async def attach(visit: Visit, _act: OfferedAct, _revision: str) -> None:
    """Add the file that was chosen. Raises RefusedError."""
    file = visit.form.file(EVIDENCE)
    if file is None:
        visit.form.add_error(EVIDENCE, visit.say("Choose the file that you want to add."))
    else:
        await keep(visit, file)


async def keep(visit: Visit, file: UploadFile) -> None:
    """FormMemory in a file; what is wrong with it is said beside its field."""
    path = f"{REQUESTS}/{segment(visit.args['number'])}/attachments"
    try:
        await files.upload_file(visit, path, file, visit.form.key)
    except RefusedError as refused:
        if refused.status >= 500:
            raise
        visit.form.add_error(EVIDENCE, refusal_text(refused))


async def resolve(visit: Visit, act: OfferedAct, revision: str) -> None:
    """Resolve; where the service wants to see the work, hand in the file that was chosen, and resolve then.

    Raises RefusedError.
    """
    try:
        return await send(visit, act, revision)
    except RefusedError as refused:
        file = visit.form.file(EVIDENCE)
        if refused.code != "evidence-needed" or file is None:
            raise
    await keep(visit, file)
    if not visit.form.failed:
        await send(visit, act, await revision_with_file(visit, revision))
    return None


async def revision_with_file(visit: Visit, before: str) -> str:
    """The assignment's revision once it has heard of the file; the one before, where that takes too long."""
    path = f"{ASSIGNMENTS}/{segment(visit.args['number'])}"
    for _ in range(MAX_LOOKS):
        found = await visit.portal.get(path)
        if not found.data["evidence_wanted"]:
            seen = visit.form.value("seen")
            return found.etag if seen == str(len(found.data["history"])) else before
        await asyncio.sleep(LOOK_AGAIN)
    return before


HOW: dict[str, Callable[[Visit, OfferedAct, str], Awaitable[None]]] = {ATTACH.name: attach, RESOLVE.name: resolve}
"""Acts that take more than one call."""
