"""Requests about the same thing: follow one of them instead of filing, or say that this is another matter."""

from starlette.responses import Response

from gateway.web.citizen.filing.drafts import open_draft
from gateway.web.citizen.filing.paging import CHECK
from gateway.web.citizen.room import room
from gateway.web.forms.service import similar_to
from gateway.web.portal import segment
from gateway.web.visit import Visit

PAGE = "citizen/filing/similar.html"
FOLLOW = "follow"


@room.get("/apply/draft/{draft}/similar")
async def show(visit: Visit) -> Response:
    """What may be about the same thing; where nothing is, the answers to check. Raises RefusedError."""
    draft = await open_draft(visit)
    found = [] if draft.errors else await similar_to(visit.portal, draft.written)
    if not found:
        return visit.go(draft.at(CHECK))
    return visit.page(PAGE, draft=draft, service=draft.service, found=found)


@room.post("/apply/draft/{draft}/similar")
async def choose(visit: Visit) -> Response:
    """Follow the chosen one, or go on. Raises RefusedError."""
    number = segment(visit.form.value(FOLLOW)) if visit.form.value(FOLLOW) else ""
    if not number:
        return visit.go((await open_draft(visit)).at(CHECK))
    await visit.portal.call("PUT", f"/api/v1/requests/{number}/follow")
    note = visit.say("You follow this request now: we tell you about every step. What you wrote is kept as a draft.")
    return visit.go("/my/followed", note)
