"""Requests about the same thing: follow one of them instead of filing, or say that one's own is another."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from gateway.web.citizen.filing.drafts import Draft, open_draft
from gateway.web.citizen.filing.paging import CHECK
from gateway.web.citizen.room import room
from gateway.web.portal import RefusedError, segment
from gateway.web.visit import Visit

PAGE = "citizen/filing/similar.html"
FOLLOW = "follow"
Alike = Mapping[str, Any]


@room.get("/apply/draft/{draft}/similar")
async def show(visit: Visit) -> Response:
    """What may be about the same thing; where nothing is, the answers to check. Raises RefusedError."""
    draft = await open_draft(visit)
    found = await similar_to(visit, draft)
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


async def similar_to(visit: Visit, draft: Draft) -> list[Alike]:
    """Requests like the draft; none where nobody can say, since that is no reason not to file."""
    if draft.errors:
        return []
    try:
        reply = await visit.portal.post("/api/v1/requests/similar", draft.written.to_compare())
    except RefusedError:
        return []
    found: list[Alike] = reply.data["similar"]
    return found
