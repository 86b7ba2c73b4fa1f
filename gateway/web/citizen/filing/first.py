"""The first page: a citizen who is signed in begins a draft with it; everybody else is told how to go on."""

import asyncio
from typing import Any

from starlette.responses import Response

from gateway.web import states
from gateway.web.citizen.filing.asking import GO, LEAVE, QuestionPage, ask, tell
from gateway.web.citizen.filing.drafts import DRAFTS, REUSED, OpenDraft, begin
from gateway.web.citizen.filing.paging import after, leave
from gateway.web.citizen.room import room
from gateway.web.forms.form import Form
from gateway.web.forms.service import service_form
from gateway.web.forms.steps import ServiceForm
from gateway.web.forms.writing import WrittenFiling
from gateway.web.portal import Query, RefusedError
from gateway.web.rooms import ANYBODY
from gateway.web.visit import Visit
from shared.errors import ForbiddenError

WAYS = "citizen/filing/ways.html"
RETIRED = "citizen/filing/retired.html"


@room.get("/apply/{code}", roles=ANYBODY)
async def show(visit: Visit) -> Response:
    """The first questions, or the ways to get to them. Raises RefusedError, ForbiddenError."""
    service = await service_form(visit.portal, visit.args["code"])
    if service.entry["retired"]:
        return visit.page(RETIRED, 410, service=service)
    me = visit.session.signed_in
    if me is None:
        return visit.page(WAYS, service=service)
    if me.role != "citizen":
        raise ForbiddenError
    return await ask_first(visit, service)


@room.post("/apply/{code}")
async def take(visit: Visit) -> Response:
    """Begin a draft with the first answers, and go on. Raises RefusedError."""
    service = await service_form(visit.portal, visit.args["code"])
    step, written = service.steps[0], WrittenFiling(service.code)
    written.take(step, visit.form)
    try:
        draft = await begun(visit, service, written)
    except RefusedError as refused:
        visit.form.refuse(refused)
        return await ask_first(visit, service, refused.status)
    if visit.form.value(GO) == LEAVE:
        return leave(visit, draft)
    if tell(visit, step, draft.field_messages(visit)):
        return visit.go(draft.at(step.number), mend="1")
    return visit.go(after(draft, step))


async def begun(visit: Visit, service: ServiceForm, written: WrittenFiling) -> OpenDraft:
    """A new draft; other answers on a page whose first sending got no answer are another one. Raises RefusedError."""
    try:
        return await begin(visit, service, written)
    except RefusedError as refused:
        if refused.code != REUSED:
            raise
        visit.form.key = Form().key
        return await begin(visit, service, written)


async def ask_first(visit: Visit, service: ServiceForm, status: int = 200) -> Response:
    """Show the first page. Raises RefusedError."""
    back = visit.url(f"/services/{service.code}")
    draft, active = ("", "") if visit.form.submitted else await beside(visit, service)
    return await ask(visit, QuestionPage(service, service.steps[0], back=back, draft=draft, active=active), status)


async def beside(visit: Visit, service: ServiceForm) -> tuple[str, str]:
    """A draft of the service, and the request that is in the way of another; each empty where there is none."""
    drafts, active = await asyncio.gather(listed(visit, DRAFTS, "drafts"), active_of(visit, service))
    return next((draft["id"] for draft in drafts if draft["service"] == service.code), ""), active


async def active_of(visit: Visit, service: ServiceForm) -> str:
    """The number of one's open request, where the service allows one at a time."""
    if not service.entry["one_active"]:
        return ""
    query: Query = {"service": service.code, "state": [*states.WAITING_FOR_YOU, *states.IN_WORK], "limit": 1}
    found = await listed(visit, "/api/v1/requests", "requests", query)
    return str(found[0]["number"]) if found else ""


async def listed(visit: Visit, path: str, name: str, query: Query | None = None) -> list[dict[str, Any]]:
    """A list of the citizen's; empty where its service is away, since that must not stop a filing."""
    try:
        found: list[dict[str, Any]] = (await visit.portal.read(path, query))[name]
    except RefusedError:
        return []
    return found
