"""Checking the answers, and sending them: what is sent is what was shown, and it is sent once.

The page carries what it shows, sealed. So the same page sent twice says the same twice, also after the draft has gone
with the first; and what another window wrote meanwhile is not sent unseen.
"""

import asyncio
from typing import Any

from starlette.responses import Response

from gateway.web.citizen.filing.drafts import REUSED, OpenDraft, open_draft
from gateway.web.citizen.filing.review import department_of, lines_of, tell_lines
from gateway.web.citizen.room import room
from gateway.web.forms.service import check_filing, districts_for
from gateway.web.portal import RefusedError, segment
from gateway.web.visit import Visit

PAGE = "citizen/filing/check.html"
WHOLE, TAKEN_SECONDS = "whole", 24 * 3600


@room.get("/apply/draft/{draft}/check")
async def show(visit: Visit) -> Response:
    """The answers, and what the rules say of them. Raises RefusedError."""
    return await page(visit, await open_draft(visit))


@room.post("/apply/draft/{draft}/check")
async def send(visit: Visit) -> Response:
    """File what the page showed. Raises RefusedError."""
    body = opened(visit)
    if body is None:
        visit.form.general_error = visit.say(
            "This page had been open for too long. Look your answers over and send them now."
        )
        return await page(visit, await open_draft(visit))
    try:
        reply = await visit.portal.post("/api/v1/requests", body, key=f"draft-{body['draft']}")
    except RefusedError as refused:
        return await not_sent(visit, refused)
    return visit.go(f"/my/requests/{reply.data['number']}/sent")


async def not_sent(visit: Visit, refused: RefusedError) -> Response:
    """Say why it was not sent, with everything still there. Raises RefusedError."""
    if refused.status >= 500 or refused.status in (401, 429):
        raise refused
    if refused.code == REUSED:
        return visit.go("/my", visit.say("This draft was sent already. You can find it among your requests."))
    draft = await open_draft(visit)
    draft.errors = refused.errors or draft.errors
    if not refused.errors:
        visit.form.refuse(refused)
    return await page(visit, draft, refused.status)


async def page(visit: Visit, draft: OpenDraft, status: int = 200) -> Response:
    """Show the page; at the answers what is wrong with them, once somebody tried to send it. Raises RefusedError."""
    districts, told, me = await asyncio.gather(
        districts_for(visit.portal, draft.service),
        check_filing(visit.portal, draft.written),
        visit.portal.get("/api/v1/me"),
    )
    errors = draft.field_messages(visit)
    lines = lines_of(visit, draft.service, draft.written, districts, errors)
    if status != 200:
        tell_lines(visit, lines, errors)
    return visit.page(
        PAGE,
        status,
        draft=draft,
        service=draft.service,
        lines=lines,
        told=told,
        department=await department_of(visit, told),
        person=me.data,
        whole=sealed(visit, draft),
    )


def sealed(visit: Visit, draft: OpenDraft) -> str:
    """What the page shows, to be sent as it is."""
    assert visit.session.signed_in is not None
    body = draft.written.filing(draft=draft.id)
    return visit.sealer.seal({"of": visit.session.signed_in.account, "body": body})


def opened(visit: Visit) -> dict[str, Any] | None:
    """What the page showed; None where that is too long ago, another draft, or somebody else's."""
    content = visit.sealer.open(visit.form.value(WHOLE), TAKEN_SECONDS)
    me = visit.session.signed_in
    if not isinstance(content, dict) or me is None or content.get("of") != me.account:
        return None
    body: dict[str, Any] = content["body"]
    return body if body["draft"] == segment(visit.args["draft"]) else None
