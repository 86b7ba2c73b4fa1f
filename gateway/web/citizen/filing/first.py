"""The first page: who is signed in begins a draft with it; who is not is told how to go on."""

from typing import Any

from starlette.responses import Response

from gateway.web.citizen.filing.asking import GO, LEAVE, Asked, ask, tell
from gateway.web.citizen.filing.drafts import DRAFTS, begin
from gateway.web.citizen.filing.paging import after, leave
from gateway.web.citizen.room import room
from gateway.web.forms.service import service_form
from gateway.web.forms.steps import ServiceForm
from gateway.web.forms.writing import Written
from gateway.web.portal import RefusedError
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
    step, written = service.steps[0], Written(service.code)
    written.take(step, visit.form)
    try:
        draft = await begin(visit, service, written)
    except RefusedError as refused:
        if refused.status >= 500:
            raise
        visit.form.refuse(refused)
        return await ask_first(visit, service, refused.status)
    if visit.form.value(GO) == LEAVE:
        return leave(visit, draft)
    if tell(visit, step, draft.mended(visit)):
        return visit.go(draft.at(step.number), mend="1")
    return visit.go(after(draft, step))


async def ask_first(visit: Visit, service: ServiceForm, status: int = 200) -> Response:
    """Show the first page. Raises RefusedError."""
    back = visit.url(f"/services/{service.code}")
    begun = await begun_before(visit, service.code) if not visit.form.sent else ""
    return await ask(visit, Asked(service, service.steps[0], back=back, draft=begun), status)


async def begun_before(visit: Visit, code: str) -> str:
    """The draft of a service that was changed last; empty where there is none, or nobody can say."""
    try:
        drafts: list[dict[str, Any]] = (await visit.portal.get(DRAFTS)).data["drafts"]
    except RefusedError:
        return ""
    return next((draft["id"] for draft in drafts if draft["service"] == code), "")
