"""The first page: a signed-in citizen begins a draft with it; everybody else is told the ways to file."""

import asyncio
from typing import Any

from starlette.responses import Response

from gateway.web import states
from gateway.web.citizen.filing.drafts import DRAFTS, REUSED, OpenDraft, create
from gateway.web.citizen.filing.paging import after, leave
from gateway.web.citizen.filing.questions import GO, LEAVE, QuestionPage, add_step_errors, ask
from gateway.web.citizen.room import room
from gateway.web.forms.form import Form
from gateway.web.forms.service import service_form
from gateway.web.forms.steps import ServiceForm
from gateway.web.forms.writing import WrittenFiling
from gateway.web.portal import Query, RefusedError, or_else
from gateway.web.rooms import ANYBODY
from gateway.web.visit import Visit
from shared.errors import ForbiddenError


@room.get("/apply/{code}", roles=ANYBODY)
async def show(visit: Visit) -> Response:
    """The first questions, or the ways to file. Raises RefusedError, ForbiddenError."""
    service = await service_form(visit.portal, visit.args["code"])
    if service.entry["retired"]:
        return visit.page("citizen/filing/retired.html", 410, service=service)
    if not visit.role:
        return visit.page("citizen/filing/ways.html", service=service)
    if visit.role != "citizen":
        raise ForbiddenError
    return await ask_first(visit, service)


@room.post("/apply/{code}")
async def submit(visit: Visit) -> Response:
    """Begin a draft with the first answers, and go on. Raises RefusedError."""
    service = await service_form(visit.portal, visit.args["code"])
    step, written = service.steps[0], WrittenFiling(service.code)
    written.take(step, visit.form)
    try:
        draft = await new_draft(visit, service, written)
    except RefusedError as refused:
        visit.form.refuse(refused)
        return await ask_first(visit, service)
    if visit.form.value(GO) == LEAVE:
        return leave(visit, draft)
    if add_step_errors(visit, step, draft.messages(visit)):
        return visit.go(draft.at(step.number), mend="1")
    return visit.go(after(draft, step))


async def new_draft(visit: Visit, service: ServiceForm, written: WrittenFiling) -> OpenDraft:
    """A new draft; if the form's key was used for other answers, under a new key. Raises RefusedError."""
    try:
        return await create(visit, service, written)
    except RefusedError as refused:
        if refused.code != REUSED:
            raise
        visit.form.key = Form().key
        return await create(visit, service, written)


async def ask_first(visit: Visit, service: ServiceForm) -> Response:
    """Show the first page. Raises RefusedError."""
    back = visit.url(f"/services/{service.code}")
    draft, active = ("", "") if visit.form.submitted else await earlier(visit, service)
    return await ask(visit, QuestionPage(service, service.steps[0], back=back, draft=draft, active=active))


async def earlier(visit: Visit, service: ServiceForm) -> tuple[str, str]:
    """An earlier draft for the service, and an open request that prevents another; each may be empty.

    Not knowing them must not prevent filing.
    """
    nothing: dict[str, Any] = {"drafts": [], "requests": []}
    drafts, requests = await asyncio.gather(
        or_else(nothing, visit.portal.read(DRAFTS)), or_else(nothing, open_requests(visit, service))
    )
    draft = next((draft["id"] for draft in drafts["drafts"] if draft["service"] == service.code), "")
    return draft, next((str(request["number"]) for request in requests["requests"]), "")


async def open_requests(visit: Visit, service: ServiceForm) -> dict[str, Any]:
    """The citizen's open request, if the service allows only one at a time. Raises RefusedError."""
    if not service.entry["one_active"]:
        return {"requests": []}
    query: Query = {"service": service.code, "state": [*states.WAITING_FOR_YOU, *states.IN_WORK], "limit": 1}
    return await visit.portal.read("/api/v1/requests", query)
