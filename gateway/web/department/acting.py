"""Carrying out an action: once, however often it is sent, and never over another officer's step."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.datastructures import UploadFile
from starlette.responses import Response

from gateway.web import files
from gateway.web.department.acts import (
    ATTACH,
    NOTE,
    OTHERS_INTEREST,
    OVERRIDE,
    RECUSE,
    RESOLVE,
    TRANSFER,
    OfferedAct,
)
from gateway.web.department.history import steps_after
from gateway.web.department.opened import ASSIGNMENTS, REQUESTS, open_request
from gateway.web.department.request import act_of, page_of
from gateway.web.department.room import room
from gateway.web.forms.form import refusal_text
from gateway.web.portal import RefusedError, not_found, or_else, segment
from gateway.web.states import TRIAGE
from gateway.web.visit import Visit
from gateway.web.words import _

EVIDENCE = "evidence"
LEADS_TO = {TRANSFER.name: "/desk", OVERRIDE.name: "/desk/held", RECUSE.name: "/desk"}
"""Actions after which the department cannot see the request, or not for a moment."""
AT_TRIAGE = "at_triage"
TO_TRIAGE = _(
    "It was transferred twice before. Now a person at the desk for choosing the department decides who gets it."
)
SEEN = re.compile(r"[0-9]{1,6}")
"""How many steps the page showed."""
MAX_LOOKS, PAUSE = 50, 0.1
"""How often, and with how many seconds between, the assignment is read until it has heard of a file."""


@room.post("/desk/{number}/{act}", max_bytes=files.MAX_UPLOAD)
async def submit(visit: Visit) -> Response:
    """Carry out the action. Raises RefusedError, NotFoundError."""
    act = act_of(visit)
    try:
        await SENDING.get(act.name, send)(visit, act, visit.form.value("revision"))
    except RefusedError as refused:
        if refused.status == 412 or refused.code == "transition-refused":
            return await overtaken(visit, act, refused)
        if refused.status >= 500 or refused.status == 429:
            raise
        if refused.status == 404:
            return gone(visit, act)
        act.refuse(visit.form, refused, visit.words)
    if visit.form.failed:
        return page_of(visit, await open_request(visit), act)
    return done(visit, act)


async def send(visit: Visit, act: OfferedAct, revision: str) -> Any:
    """Call the API; returns its response. Raises RefusedError."""
    path = f"{act.api}/{segment(visit.args['number'])}/{act.path or act.name}"
    return (await visit.portal.post(path, act.body(visit.form), revision=revision)).data


async def overtaken(visit: Visit, act: OfferedAct, refused: RefusedError) -> Response:
    """Another officer was faster, or this form was sent before. Raises RefusedError."""
    opened = await or_else(None, open_request(visit), not_found)
    if opened is None:
        return gone(visit, act)
    seen = visit.form.value("seen")
    between = steps_after(act.steps(opened), int(seen) if SEEN.fullmatch(seen) else 0)
    if any(act.is_done(step, visit.form, visit.account) for step in between):
        return done(visit, act)
    if not between and refused.status == 412 and act.name in opened.actions:
        await send(visit, act, act.revision(opened))  # only the software changed it: a file was noted, a clock was set
        return done(visit, act)
    return page_of(visit, opened, act, refused.status, between)


def gone(visit: Visit, act: OfferedAct) -> Response:
    """The request is at another department by now, perhaps because this form was sent before."""
    typed = act.typed(visit.form)
    if act is TRANSFER or not typed:
        return visit.go("/desk", visit.say("The request is not at your department any more."))
    return visit.page("department/gone.html", 404, act=act, number=segment(visit.args["number"]), typed=typed)


def done(visit: Visit, act: OfferedAct) -> Response:
    """Go to the request, or to the list if the request cannot be seen any more."""
    if act is RECUSE and visit.form.value("interested"):
        return visit.go(f"/desk/{segment(visit.args['number'])}", visit.say(OTHERS_INTEREST))
    path = LEADS_TO.get(act.name) or f"/desk/{segment(visit.args['number'])}"
    return visit.go(path, visit.say(TO_TRIAGE if AT_TRIAGE in visit.args else act.note))


async def transfer(visit: Visit, act: OfferedAct, revision: str) -> None:
    """Transfer; the third one goes to the triage desk, whatever department was chosen. Raises RefusedError."""
    sent = await send(visit, act, revision)
    if sent["department"] == TRIAGE != visit.form.value("to"):
        visit.args[AT_TRIAGE] = TRIAGE


async def attach(visit: Visit, _act: OfferedAct, _revision: str) -> None:
    """Add the chosen file. Raises RefusedError."""
    file = visit.form.file(EVIDENCE)
    if file is None:
        visit.form.add_error(EVIDENCE, visit.say("Choose the file that you want to add."))
    else:
        await upload(visit, file)


async def upload(visit: Visit, file: UploadFile) -> None:
    """Upload a file; a refusal becomes an error of its field. Raises RefusedError if the outcome is unknown."""
    path = f"{REQUESTS}/{segment(visit.args['number'])}/attachments"
    try:
        await files.upload_file(visit, path, file, visit.form.key)
    except RefusedError as refused:
        if refused.status >= 500:
            raise
        visit.form.add_error(EVIDENCE, refusal_text(refused))


async def resolve(visit: Visit, act: OfferedAct, revision: str) -> None:
    """Resolve; if the service needs evidence, upload the chosen file first. Raises RefusedError."""
    try:
        await send(visit, act, revision)
    except RefusedError as refused:
        file = visit.form.file(EVIDENCE)
        if refused.code != "evidence-needed" or file is None:
            raise
        await upload(visit, file)
        if not visit.form.failed:
            await send(visit, act, await revision_with_file(visit, revision))


async def revision_with_file(visit: Visit, before: str) -> str:
    """The assignment's revision once it has heard of the file; the revision before if that takes too long."""
    path = f"{ASSIGNMENTS}/{segment(visit.args['number'])}"
    for _look in range(MAX_LOOKS):
        found = await visit.portal.get(path)
        if not found.data["evidence_wanted"]:
            seen = visit.form.value("seen")
            return found.etag if seen == str(len(found.data["history"])) else before
        await asyncio.sleep(PAUSE)
    return before


async def note(visit: Visit, act: OfferedAct, revision: str) -> None:
    """Add an internal note. A step of a colleague does not keep it from being added. Raises RefusedError."""
    path = f"{ASSIGNMENTS}/{segment(visit.args['number'])}"
    body = {**act.body(visit.form), "mentions": visit.form.values("mentions")}
    try:
        await visit.portal.post(f"{path}/{act.path}", body, revision=revision)
    except RefusedError as refused:
        if refused.status != 412:
            raise
        newest = (await visit.portal.read(f"{path}/{act.path}"))["notes"][:1]
        if [(one["by"], one["text"]) for one in newest] == [(visit.account, body.get("text"))]:
            return  # this form was sent before
        await visit.portal.post(f"{path}/{act.path}", body, revision=(await visit.portal.get(path)).etag)


SENDING: dict[str, Callable[[Visit, OfferedAct, str], Awaitable[Any]]] = {
    ATTACH.name: attach,
    RESOLVE.name: resolve,
    NOTE.name: note,
    TRANSFER.name: transfer,
}
"""Actions that take more than one call, or whose body has a list."""
