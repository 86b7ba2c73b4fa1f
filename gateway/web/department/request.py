"""The page of a request, with the possible actions; each action has an address where its form is open."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response

from gateway.web import files
from gateway.web.department.acts import ACTS, ATTACH, INSIDE, PART, TRANSFER, OfferedAct
from gateway.web.department.history import news_of, pauses_of
from gateway.web.department.opened import ASSIGNMENTS, REQUESTS, OpenedRequest, open_request
from gateway.web.department.room import room
from gateway.web.department.worklist import LAST_LIST
from gateway.web.portal import RefusedError, not_found, or_else, segment
from gateway.web.states import REASONS
from gateway.web.visit import Visit
from shared.clock import utc_now
from shared.errors import NotFoundError

FILE = re.compile(r"[0-9a-f]{32}")


@room.get("/desk/{number}")
async def show(visit: Visit) -> Response:
    """A request, or with `print` its view for paper; one that was transferred, with the reason. Raises RefusedError."""
    try:
        opened = await open_request(visit)
    except RefusedError as refused:
        return await transferred(visit, refused)
    if visit.query("print"):
        pauses = pauses_of(opened.assignment["history"] if opened.assignment else ())
        return visit.page("department/request-print.html", opened=opened, pauses=pauses, printed=utc_now())
    return page_of(visit, opened)


async def transferred(visit: Visit, refused: RefusedError) -> Response:
    """To which department the caller's department transferred the request, and why. Raises RefusedError."""
    if not not_found(refused):
        raise refused
    path = f"{ASSIGNMENTS}/{segment(visit.args['number']).upper()}/transfer"
    left = await or_else(None, visit.portal.read(path), not_found)
    if left is None:
        raise refused
    return visit.page("department/transferred.html", left=left)


@room.get("/desk/{number}/files/{file}")
async def download(visit: Visit) -> Response:
    """A file of the request, to be saved. Raises RefusedError, NotFoundError."""
    number, file = segment(visit.args["number"]), visit.args["file"]
    if not FILE.fullmatch(file):
        raise NotFoundError
    return await files.download(visit, f"{REQUESTS}/{number}/attachments/{file}")


@room.get("/desk/{number}/{act}")
async def show_act(visit: Visit) -> Response:
    """A request with the form of one action open. Raises RefusedError, NotFoundError."""
    act = act_of(visit)
    opened = await open_request(visit)
    visit.form.prefill({"into": visit.query("into"), "officer": ""})
    act.put_template(visit.form, opened.templates)
    return page_of(visit, opened, act)


def act_of(visit: Visit) -> OfferedAct:
    """The action in the address. Raises NotFoundError."""
    act = (ACTS | INSIDE).get(visit.args["act"])
    if act is None:
        raise NotFoundError
    return act


def page_of(
    visit: Visit,
    opened: OpenedRequest,
    act: OfferedAct | None = None,
    status: int = 200,
    between: Sequence[Mapping[str, Any]] | None = None,
) -> Response:
    """The page of a request with the form of `act` open; `between` are the steps that others took meanwhile."""
    offered = [one for one in ACTS.values() if one.name in opened.actions]
    inside = [one for one in INSIDE.values() if one.name in opened.actions]
    return visit.page(
        "department/request.html",
        status,
        opened=opened,
        acts=offered,
        act=act,
        inside=inside,
        possible=act in (*offered, *inside),
        typed=act.typed(visit.form) if act else [],
        revision=act.revision(opened) if act else "",
        seen=len(act.steps(opened)) if act else 0,
        pauses=pauses_of(opened.assignment["history"] if opened.assignment else ()),
        news=news_of(opened.history),
        between=between,
        last_list=visit.session.steps.get(LAST_LIST, {}),
        departments=other_departments(opened) if act in (TRANSFER, PART) else [],
        reasons=[(code, visit.say(words)) for code, words in REASONS.items()],
        uploads=act is ATTACH or opened.evidence_wanted,
        templates=opened.templates,
    )


def other_departments(opened: OpenedRequest) -> list[tuple[str, str]]:
    """The departments to which the request can be transferred."""
    departments = opened.names.departments.items()
    return sorted((one for one in departments if one[0] != opened.request["department"]), key=lambda one: one[1])
