"""After filing: the number, and the receipt to print. Also the state of a request, for a citizen who asks."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from gateway.web import files
from gateway.web.counter.citizen import citizen_of
from gateway.web.counter.finding import show
from gateway.web.counter.room import room
from gateway.web.forms.form import Form
from gateway.web.forms.service import service_form
from gateway.web.portal import RefusedError, segment
from gateway.web.visit import Visit
from shared.spelling import bare

SENT, STATE = "counter/sent.html", "counter/request.html"


@room.get("/counter/citizens/{citizen}/sent/{number}")
async def confirm(visit: Visit) -> Response:
    """The confirmation. Raises RefusedError."""
    number = segment(visit.args["number"])
    request = await visit.portal.read(f"/api/v1/requests/{number}")
    service = await service_form(visit.portal, request["service"])
    code = visit.session.digits.get(number, "")
    return visit.page(SENT, request=request, service=service, citizen=citizen_of(visit), code=code)


@room.get("/counter/requests/{number}/receipt.pdf")
async def receipt(visit: Visit) -> Response:
    """The receipt of a request that this clerk filed. Raises RefusedError."""
    return await files.download(visit, f"/api/v1/requests/{segment(visit.args['number'])}/receipt.pdf")


@room.get("/counter/track")
async def show_tracking(visit: Visit) -> Response:
    """The form is on the first page of the counter."""
    visit.form.prefill({"number": visit.query("number")})
    return await show(visit)


@room.post("/counter/track", again=show_tracking, names={"/mobile": "digits"})
async def track(visit: Visit) -> Response:
    """Find a request: by number if this clerk filed it, else by number and digits. Raises RefusedError."""
    form = visit.form
    number, digits = segment(form.value("number")), bare(form.value("digits"))
    if not form.value("number"):
        form.fail("number", visit.say("Write the tracking number."))
    try:
        request, filed = await found(visit, number, digits)
    except RefusedError as refused:
        if refused.status == 404:
            form.fail("number", not_found_message(visit, digits))
        raise
    if digits and not filed:
        visit.session.remember(visit.session.digits, request["number"], digits)
    visit.form = Form()
    return visit.go(f"/counter/requests/{request['number']}")


@room.get("/counter/requests/{number}")
async def show_state(visit: Visit) -> Response:
    """The state of a request. Raises RefusedError."""
    number = segment(visit.args["number"])
    request, filed = await found(visit, number, visit.session.digits.get(number, ""))
    service = await service_form(visit.portal, request["service"])
    return visit.page(STATE, request=request, service=service, filed=filed)


async def found(visit: Visit, number: str, digits: str) -> tuple[Mapping[str, Any], bool]:
    """The request, and whether this clerk filed it. Raises RefusedError."""
    try:
        return await visit.portal.read(f"/api/v1/requests/{number}"), True
    except RefusedError as refused:
        if refused.status not in (404, 422) or not digits:
            raise
    return await visit.portal.read(f"/api/v1/track/{number}", {"mobile": digits}), False


def not_found_message(visit: Visit, digits: str) -> str:
    """What to do if there is no such request, or another clerk filed it."""
    if digits:
        return visit.say("There is no request with this number and these digits. Look at both once more.")
    return visit.say("You did not file this one. Type the last four digits of the citizen’s mobile too.")
