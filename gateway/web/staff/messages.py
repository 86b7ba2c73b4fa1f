"""Messages about work: where one gets them, proven by a code, and how often."""

from typing import Any

from starlette.responses import Response

from gateway.web.portal import RefusedError
from gateway.web.staff.room import room
from gateway.web.visit import Visit

API = "/api/v1/notifications"
PATH = "/staff/messages"
PAGE, ADDRESS, CODE = "staff/messages.html", "staff/messages-address.html", "staff/messages-code.html"
IN_DEPARTMENT = frozenset({"officer", "head", "appellate"})


@room.get(PATH, roles=IN_DEPARTMENT)
async def show(visit: Visit) -> Response:
    """Where one hears of work, and how often."""
    own = await own_messages(visit)
    visit.form.prefill({**own["often"], "language": own["language"]})
    return visit.page(PAGE, own=own)


@room.post(PATH, roles=IN_DEPARTMENT)
async def choose(visit: Visit) -> Response:
    """Keep how often one wants to hear of what."""
    own = await own_messages(visit)
    chosen = {name: visit.form.value(name) for name in (*own["often"], "language")}
    try:
        await visit.portal.call("PUT", f"{API}/work-preferences", body=chosen)
    except RefusedError as refused:
        visit.form.refuse(refused)
        return visit.page(PAGE, refused.status, own=own)
    return visit.go(PATH, visit.say("Saved. From now on we write to you like this."))


@room.get(f"{PATH}/email", roles=IN_DEPARTMENT)
async def show_email(visit: Visit) -> Response:
    """The form for an email address."""
    return await _address(visit, "email")


@room.post(f"{PATH}/email", roles=IN_DEPARTMENT)
async def give_email(visit: Visit) -> Response:
    """Have a code sent to an email address, or have none any more."""
    return await _give(visit, "email", visit.say("Write your email address."))


@room.get(f"{PATH}/mobile", roles=IN_DEPARTMENT)
async def show_mobile(visit: Visit) -> Response:
    """The form for a mobile number."""
    return await _address(visit, "sms")


@room.post(f"{PATH}/mobile", roles=IN_DEPARTMENT)
async def give_mobile(visit: Visit) -> Response:
    """Have a code sent to a mobile number, or have none any more."""
    return await _give(visit, "sms", visit.say("Write your mobile number."))


@room.get(f"{PATH}/code", roles=IN_DEPARTMENT)
async def show_code(visit: Visit) -> Response:
    """The form for the code that was sent."""
    waiting = (await own_messages(visit))["waiting"]
    return visit.page(CODE, waiting=waiting) if waiting else visit.go(PATH)


@room.post(f"{PATH}/code", roles=IN_DEPARTMENT)
async def prove(visit: Visit) -> Response:
    """Make the address count with the code."""
    if not visit.form.require(code=visit.say("Type the code of 6 digits.")):
        return await show_code(visit)
    try:
        await visit.portal.post(f"{API}/work-addresses/proof", {"code": visit.form.value("code")})
    except RefusedError as refused:
        if refused.code == "otp-failed":  # its usual words are for somebody who signs in
            visit.form.add_error("code", visit.say("The code is not correct or has expired. Use the newest one."))
        else:
            visit.form.refuse(refused)
        return await show_code(visit)
    return visit.go(PATH, visit.say("Your address counts from now on. Messages about work go there."))


async def own_messages(visit: Visit) -> dict[str, Any]:
    """Where and how often one hears of work. Raises RefusedError."""
    found: dict[str, Any] = await visit.portal.read(f"{API}/work-preferences")
    return found


async def _address(visit: Visit, channel: str, status: int = 200) -> Response:
    own = await own_messages(visit)
    return visit.page(ADDRESS, status, channel=channel, there=own["email"] if channel == "email" else own["mobile"])


async def _give(visit: Visit, channel: str, missing: str) -> Response:
    if visit.form.has("remove"):
        await visit.portal.call("DELETE", f"{API}/work-addresses/{channel}")
        return visit.go(PATH, visit.say("Removed. Nothing goes there any more."))
    if not visit.form.require(address=missing):
        return await _address(visit, channel)
    try:
        body = {"channel": channel, "address": visit.form.value("address")}
        await visit.portal.post(f"{API}/work-addresses", body)
    except RefusedError as refused:
        visit.form.refuse(refused)
        return await _address(visit, channel, refused.status)
    return visit.go(f"{PATH}/code")
