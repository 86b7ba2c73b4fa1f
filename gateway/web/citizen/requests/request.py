"""The page of one request: its state, what the holder can do now, and its history."""

import asyncio
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from gateway.web import files
from gateway.web.citizen.requests.holder import Holder, on_get
from gateway.web.forms.answers import rows_of
from gateway.web.forms.service import form_of_request
from gateway.web.naming import department_names, district_names
from shared.clock import utc_now

Request = Mapping[str, Any]


@on_get("")
async def show(holder: Holder) -> Response:
    """The request; of a followed request, only what every follower may see. Raises RefusedError."""
    return await page_of(holder, (await holder.read()).data)


async def page_of(holder: Holder, request: Request, status: int = 200, **more: Any) -> Response:
    """The page of a request. Raises RefusedError."""
    visit = holder.visit
    form, departments, districts = await asyncio.gather(
        form_of_request(visit.portal, request), department_names(visit.portal), district_names(visit.portal)
    )
    known = {"request": request, "service": form.entry, "departments": departments, "holder": holder}
    if "actions" not in request:
        return visit.page("citizen/requests/followed-request.html", status, **known)
    full = {
        "districts": districts,
        "shown_at": utc_now(),
        "rows": [] if request["kind"] == "appeal" else rows_of(form.entry, request["answers"], visit.words),
        "question": question_of(request),
        "reply": last(request, "resolve"),
    }
    return visit.page("citizen/requests/request.html", status, **known, **full, **more)


def last(request: Request, action: str) -> Mapping[str, Any]:
    """The last entry of the history with this action; empty if there is none."""
    return next((entry for entry in reversed(request["history"]) if entry["action"] == action), {})


def question_of(request: Request) -> Mapping[str, Any]:
    """The last question; `passed_on` says that the department has transferred the request since."""
    question = last(request, "question")
    transfers = [entry for entry in request["history"] if entry["action"] == "transfer"]
    passed_on = any(entry["n"] > question["n"] for entry in transfers if question)
    return {**question, "passed_on": passed_on}


@on_get("/live")
async def live(holder: Holder) -> Response:
    """The live stream of the request. Raises RefusedError."""
    visit = holder.visit
    if holder.named:
        return visit.live("/api/v1/events")
    digits = (await holder.read()).data["track_code"]
    return visit.live(f"/api/v1/track/{holder.number}/events", f"mobile={digits}")


@on_get("/receipt.pdf")
async def receipt(holder: Holder) -> Response:
    """The signed receipt as a page to print. Raises RefusedError."""
    return await holder.download("receipt.pdf")


@on_get("/proof")
async def proof(holder: Holder) -> Response:
    """The proof as a file. Raises RefusedError."""
    name = f"{holder.number}-proof.json"
    if holder.named:
        return await files.download(holder.visit, f"{holder.api}/proof", save_as=name)
    digits = (await holder.read()).data["track_code"]
    path = f"/api/v1/track/{holder.number}/proof?mobile={digits}"
    return await files.download(holder.visit, path, save_as=name)
