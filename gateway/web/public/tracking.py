"""Tracking: how a request stands, for anybody who knows its number and four digits.

The digits are remembered in the session and stand in no address, so that the address of a request can be passed on:
anybody who opens it is asked for the digits.
"""

import re
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

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
    """Look for the request, and lead to its page."""
    number = visit.form.value("number")
    if not number:
        words = visit.say("Write the tracking number. It is on your receipt and in our messages.")
        visit.form.add_error("number", words)
    return await _found(visit, number, FORM)


@room.get("/track/{number}")
async def show(visit: Visit) -> Response:
    """How a request stands, or the form for its digits where they were not given yet. Raises RefusedError."""
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
    """Take the digits of a request whose address somebody opened."""
    return await _found(visit, visit.args["number"], ASK)


@room.get("/track/{number}/live")
async def follow(visit: Visit) -> Response:
    """The steps of a request as they happen. Raises NotFoundError where this browser has not given its digits."""
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
    path = f"/api/v1/track/{segment(number)}/proof"
    async with visit.portal.stream("GET", f"{path}?mobile={visit.session.digits[number]}") as answer:
        content = await answer.read()
    disposition = f'attachment; filename="{segment(number)}-proof.json"'
    headers = {"Content-Disposition": disposition, "Cache-Control": "no-store"}
    return Response(content, media_type="application/json", headers=headers)


async def _found(visit: Visit, number: str, again: str) -> Response:
    """Lead to the request with that number and the digits of the form; or show the form again and say what to do."""
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
    """The request as it is shown without an account. Raises RefusedError."""
    tracked: Tracked = await visit.portal.read(f"/api/v1/track/{segment(number)}", {"mobile": digits})
    return tracked


def _not_shown(visit: Visit, number: str, again: str, refused: RefusedError) -> Response:
    """Say why it is not shown. Which of the two was wrong is not told to anybody. Raises RefusedError."""
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
    """Four digits as somebody typed them, in the digits of any script, with spaces; None for anything else."""
    digits = bare(text)
    return digits if FOUR.fullmatch(digits) else None
