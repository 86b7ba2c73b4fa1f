"""The page of one request: how it stands, what its holder can do now, and everything that has happened."""

import asyncio
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from gateway.web import files
from gateway.web.citizen.requests.holder import Holder, shown_at
from gateway.web.forms.answers import rows_of
from gateway.web.forms.service import form_of_request
from gateway.web.naming import department_names, district_names
from shared.clock import utc_now

Request = Mapping[str, Any]


@shown_at("")
async def show(holder: Holder) -> Response:
    """A request; of one that others filed and one follows, what everybody may see. Raises RefusedError."""
    return await page_of(holder, (await holder.read()).data)


async def page_of(holder: Holder, request: Request, status: int = 200, **more: Any) -> Response:
    """The page of a request as it was just read. Raises RefusedError."""
    visit = holder.visit
    form, departments, districts = await asyncio.gather(
        form_of_request(visit.portal, request), department_names(visit.portal), district_names(visit.portal)
    )
    known = {"request": request, "service": form.entry, "departments": departments, "holder": holder}
    if "actions" not in request:
        return visit.page("citizen/requests/followed-request.html", status, **known)
    shown = {
        "districts": districts,
        "shown_at": utc_now(),
        "rows": [] if request["kind"] == "appeal" else rows_of(form.entry, request["answers"], visit.words),
        "question": question_of(request),
        "reply": last(request, "resolve"),
    }
    return visit.page("citizen/requests/request.html", status, **known, **shown, **more)


def last(request: Request, action: str) -> Mapping[str, Any]:
    """The step of that name that was taken last; an empty one where there is none."""
    return next((entry for entry in reversed(request["history"]) if entry["action"] == action), {})


def question_of(request: Request) -> Mapping[str, Any]:
    """The question that was asked last; `passed_on` says that its department has passed the request on since."""
    asked = last(request, "question")
    passed_on = any(entry["action"] == "transfer" and entry["n"] > asked["n"] for entry in request["history"] if asked)
    return {**asked, "passed_on": passed_on}


@shown_at("/live")
async def live(holder: Holder) -> Response:
    """The steps of the request as they happen. Raises RefusedError."""
    visit = holder.visit
    if holder.named:
        return visit.live("/api/v1/events")
    digits = (await holder.read()).data["track_code"]
    return visit.live(f"/api/v1/track/{holder.number}/events", f"mobile={digits}")


@shown_at("/receipt.pdf")
async def receipt(holder: Holder) -> Response:
    """The signed receipt as a page to print. Raises RefusedError."""
    return await holder.download("receipt.pdf")


@shown_at("/proof")
async def proof(holder: Holder) -> Response:
    """The proof as a file. Raises RefusedError."""
    name = f"{holder.number}-proof.json"
    if holder.named:
        return await files.download(holder.visit, f"{holder.api}/proof", save_as=name)
    digits = (await holder.read()).data["track_code"]
    path = f"/api/v1/track/{holder.number}/proof?mobile={digits}"
    return await files.download(holder.visit, path, save_as=name)
