"""Checking all answers of a draft, and sending them: once, and exactly as they were shown.

The page contains the answers that it shows, sealed. So a page that is sent twice has the same effect once, even after
the draft is gone, and changes made in another window meanwhile are not sent unseen.
"""

import asyncio
from typing import Any

from starlette.responses import Response

from gateway.web.citizen.filing.drafts import REUSED, OpenDraft, open_draft
from gateway.web.citizen.filing.questions import add_row_errors, department_of, review_rows
from gateway.web.citizen.room import room
from gateway.web.forms.service import check_filing
from gateway.web.portal import RefusedError, segment
from gateway.web.visit import Visit

CONTENT, MAX_SECONDS = "whole", 24 * 3600


@room.get("/apply/draft/{draft}/check")
async def show(visit: Visit) -> Response:
    """All answers, and the result of checking them. Raises RefusedError."""
    return await page(visit, await open_draft(visit))


@room.post("/apply/draft/{draft}/check")
async def send(visit: Visit) -> Response:
    """File what the page showed. Raises RefusedError."""
    body = sealed_body(visit)
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
    """Show why it was not sent. Raises RefusedError."""
    if refused.status in (401, 429):
        raise refused
    if refused.code == REUSED:
        return visit.go("/my", visit.say("This draft was sent already. You can find it among your requests."))
    if not refused.errors:
        visit.form.refuse(refused)
    draft = await open_draft(visit)
    draft.errors = refused.errors or draft.errors
    return await page(visit, draft, refused.status)


async def page(visit: Visit, draft: OpenDraft, status: int = 200) -> Response:
    """Show the page; after a failed attempt to send it, with the errors. Raises RefusedError."""
    errors = draft.messages(visit)
    checked, me, rows = await asyncio.gather(
        check_filing(visit.portal, draft.written),
        visit.portal.read("/api/v1/me"),
        review_rows(visit, draft.service, draft.written, errors),
    )
    if status != 200:
        add_row_errors(visit, rows, errors)
    return visit.page(
        "citizen/filing/check.html",
        status,
        draft=draft,
        service=draft.service,
        rows=rows,
        checked=checked,
        department=await department_of(visit, checked),
        person=me,
        whole=seal(visit, draft),
    )


def seal(visit: Visit, draft: OpenDraft) -> str:
    """The filing that the page shows, sealed for this account."""
    body = draft.written.filing(draft=draft.id)
    return visit.sealer.seal({"of": visit.account, "body": body})


def sealed_body(visit: Visit) -> dict[str, Any] | None:
    """The filing that the page showed; None if it is too old, of another draft, or of another account."""
    content = visit.sealer.open(visit.form.value(CONTENT), MAX_SECONDS)
    if not isinstance(content, dict) or content.get("of") != visit.account:
        return None
    body: dict[str, Any] = content["body"]
    return body if body["draft"] == segment(visit.args["draft"]) else None
