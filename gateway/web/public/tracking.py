"""Tracking: the state of a request, for anybody with its number and four digits.

The digits are kept in the session and never in an address, so that the address of a request can be shared: it asks
other people for the digits.
"""

import re
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from gateway.web import files
from gateway.web.portal import RefusedError, segment
from gateway.web.public.room import room
from gateway.web.visit import Visit
from shared.errors import NotFoundError
from shared.spelling import bare

FOUR = re.compile(r"[0-9]{4}")
FORM, ASK, SHOWN = "public/track.html", "public/track-digits.html", "public/tracked.html"
Tracked = Mapping[str, Any]


@room.get("/track")
async def show_form(visit: Visit) -> Response:
    """The form for number and digits."""
    visit.form.prefill({"number": visit.query("number")})
    return visit.page(FORM)


@room.post("/track", token=False)
async def find(visit: Visit) -> Response:
    """Find the request and go to its page."""
    number = visit.form.value("number")
    if not number:
        words = visit.say("Write the tracking number. It is on your receipt and in our messages.")
        visit.form.add_error("number", words)
    return await _found(visit, number, FORM)


@room.get("/track/{number}")
async def show(visit: Visit) -> Response:
    """The state of a request, or the form for its digits. Raises RefusedError."""
    number = visit.args["number"]
    digits = visit.session.digits.get(number)
    if digits is None:
        return visit.page(ASK, number=segment(number))
    try:
        request = await _tracked(visit, number, digits)
    except RefusedError as refused:
        if refused.status != 404:
            raise
        del visit.session.digits[number]
        return visit.page(ASK, number=segment(number))
    visit.private = True
    service = await visit.portal.read(f"/api/v1/catalogue/{request['service']}")
    return visit.page(SHOWN, request=request, service=service["name"])


@room.post("/track/{number}", token=False)
async def open_shared(visit: Visit) -> Response:
    """Open a shared address with the digits."""
    return await _found(visit, visit.args["number"], ASK)


@room.get("/track/{number}/live")
async def follow(visit: Visit) -> Response:
    """The live stream of a request. Raises NotFoundError if this browser has not entered its digits."""
    number = visit.args["number"]
    if number not in visit.session.digits:
        raise NotFoundError
    return visit.live(f"/api/v1/track/{segment(number)}/events", f"mobile={visit.session.digits[number]}")


@room.get("/track/{number}/proof")
async def proof(visit: Visit) -> Response:
    """The proof of a request as a file. Raises RefusedError."""
    number = visit.args["number"]
    if number not in visit.session.digits:
        return visit.go(f"/track/{segment(number)}")
    path = f"/api/v1/track/{segment(number)}/proof?mobile={visit.session.digits[number]}"
    return await files.download(visit, path, save_as=f"{segment(number)}-proof.json")


async def _found(visit: Visit, number: str, again: str) -> Response:
    """Go to the request with this number and the digits of the form, or show the form with its errors."""
    digits = four_digits(visit.form.value("digits"))
    if digits is None:
        visit.form.add_error("digits", visit.say("Write four digits, such as 4567."))
    if digits is None or visit.form.failed:
        return visit.page(again, number=segment(number))
    try:
        request = await _tracked(visit, number, digits)
    except RefusedError as refused:
        return _not_shown(visit, number, again, refused)
    visit.session.remember(visit.session.digits, request["number"], digits)
    return visit.go(f"/track/{request['number']}")


async def _tracked(visit: Visit, number: str, digits: str) -> Tracked:
    """The tracked request. Raises RefusedError."""
    return await visit.portal.read(f"/api/v1/track/{segment(number)}", {"mobile": digits})


def _not_shown(visit: Visit, number: str, again: str, refused: RefusedError) -> Response:
    """Say why the request is not shown, without revealing whether number or digits are wrong. Raises RefusedError."""
    if refused.status == 404:
        words = visit.say("There is no request with this number and these digits. Look at both once more.")
        visit.form.general_error = words
    else:
        visit.form.refuse(refused)
    response = visit.page(again, refused.status, number=segment(number))
    if refused.retry_after:
        response.headers["Retry-After"] = str(refused.retry_after)
    return response


def four_digits(text: str) -> str | None:
    """Four typed digits, of any script and with spaces; None for any other text."""
    digits = bare(text)
    return digits if FOUR.fullmatch(digits) else None
