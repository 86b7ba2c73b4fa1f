"""Accepting several requests of the worklist at once, each in the revision that was seen."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl

from starlette.responses import Response

from gateway.web.department.filters import Filter
from gateway.web.department.history import as_entry
from gateway.web.department.opened import ASSIGNMENTS
from gateway.web.department.room import room
from gateway.web.forms.form import refusal_text
from gateway.web.history import HistoryLine, history_lines
from gateway.web.portal import RefusedError
from gateway.web.visit import Visit

CHOSEN = re.compile(r'(RB-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]) ("[0-9]{1,9}")')
MOST = 50


@dataclass(frozen=True, slots=True)
class Left:
    """One that was not accepted: `step` is what somebody did to it meanwhile, `words` why else."""

    number: str
    words: str
    step: HistoryLine | None = None


@room.get("/desk/accept")
async def show(visit: Visit) -> Response:
    """There is nothing to see before something was chosen."""
    return visit.go("/desk")


@room.post("/desk/accept")
async def accept(visit: Visit) -> Response:
    """Accept what was chosen; say of each that was not what came in between."""
    back = Filter.of(dict(parse_qsl(visit.form.value("back"))))
    here = back.address(cursor=back.cursor)
    chosen = [match.groups() for text in visit.form.values("r")[:MOST] if (match := CHOSEN.fullmatch(text))]
    if not chosen:
        return visit.go("/desk", visit.say("Choose the requests that you want to accept first."), **here)
    left = [missed for number, seen in chosen if (missed := await accept_one(visit, number, seen))]
    done = len(chosen) - len(left)
    if not left:
        return visit.go("/desk", accepted(visit, done), **here)
    return visit.page("department/accepted.html", 409, left=left, done=done, told=accepted(visit, done), back=here)


def accepted(visit: Visit, done: int) -> str:
    """How many are theirs now."""
    return visit.words.count(
        "%(n)s request is accepted. You work on it now.", "%(n)s requests are accepted. You work on them now.", done
    )


async def accept_one(visit: Visit, number: str, seen: str) -> Left | None:
    """Accept one; None when it is theirs, also where it was already."""
    try:
        await visit.portal.post(f"{ASSIGNMENTS}/{number}/accept", {}, revision=seen)
    except RefusedError as refused:
        if refused.status in (409, 412):
            return await came_between(visit, number, refused)
        return Left(number, refusal_text(refused))
    return None


async def came_between(visit: Visit, number: str, refused: RefusedError) -> Left | None:
    """What was done to it since the list was read. Where nobody did anything, it is accepted as it is now."""
    try:
        found = await visit.portal.get(f"{ASSIGNMENTS}/{number}")
        step = found.data["history"][-1]
        if step["action"] == "route":
            await visit.portal.post(f"{ASSIGNMENTS}/{number}/accept", {}, revision=found.etag)
            return None
    except RefusedError as again:
        gone = again.status == 404
        words = visit.say("The request is not at your department any more.")
        return Left(number, words if gone else refusal_text(again))
    me = visit.session.signed_in
    if step["action"] == "accept" and me and step["by"] == me.account:
        return None
    [shown] = history_lines({"history": [as_entry(step)], "state": found.data["state"]}, own=False)
    return Left(number, refusal_text(refused), shown)
