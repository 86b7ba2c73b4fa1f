"""Messages about work: the addresses, each proven by a code, and how often they come."""

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
    """The addresses, and how often messages come."""
    own = await own_messages(visit)
    visit.form.prefill({**own["often"], "language": own["language"]})
    return visit.page(PAGE, own=own)


@room.post(PATH, roles=IN_DEPARTMENT)
async def choose(visit: Visit) -> Response:
    """Save how often messages come."""
    own = await own_messages(visit)
    chosen = {name: visit.form.value(name) for name in (*own["often"], "language") if visit.form.has(name)}
    try:
        await visit.portal.call("PUT", f"{API}/work-preferences", body=chosen)
    except RefusedError as refused:
        visit.form.refuse(refused)
        return visit.page(PAGE, refused.status, own=own)
    return visit.go(PATH, visit.say("Saved. From now on we write to you like this."))


@room.get(f"{PATH}/email", roles=IN_DEPARTMENT)
@room.get(f"{PATH}/mobile", roles=IN_DEPARTMENT)
async def show_address(visit: Visit) -> Response:
    """The form for an email address or a mobile number."""
    return await _address_page(visit)


@room.post(f"{PATH}/email", roles=IN_DEPARTMENT)
@room.post(f"{PATH}/mobile", roles=IN_DEPARTMENT)
async def set_address(visit: Visit) -> Response:
    """Send a code to the address, or remove the address."""
    channel = _channel(visit)
    if visit.form.has("remove"):
        await visit.portal.call("DELETE", f"{API}/work-addresses/{channel}")
        return visit.go(PATH, visit.say("Removed. Nothing goes there any more."))
    email = visit.say("Write your email address.")
    if not visit.form.require(address=email if channel == "email" else visit.say("Write your mobile number.")):
        return await _address_page(visit)
    try:
        body = {"channel": channel, "address": visit.form.value("address")}
        await visit.portal.post(f"{API}/work-addresses", body)
    except RefusedError as refused:
        visit.form.refuse(refused)
        return await _address_page(visit, refused.status)
    return visit.go(f"{PATH}/code")


@room.get(f"{PATH}/code", roles=IN_DEPARTMENT)
async def show_code(visit: Visit) -> Response:
    """The form for the code that was sent."""
    waiting = (await own_messages(visit))["waiting"]
    return visit.page(CODE, waiting=waiting) if waiting else visit.go(PATH)


@room.post(f"{PATH}/code", roles=IN_DEPARTMENT)
async def prove(visit: Visit) -> Response:
    """Prove the address with the code."""
    if not visit.form.require(code=visit.say("Type the code of 6 digits.")):
        return await show_code(visit)
    try:
        await visit.portal.post(f"{API}/work-addresses/proof", {"code": visit.form.code()})
    except RefusedError as refused:
        if refused.code == "otp-failed":  # its usual text is about signing in
            visit.form.add_error("code", visit.say("The code is not correct or has expired. Use the newest one."))
        else:
            visit.form.refuse(refused)
        return await show_code(visit)
    return visit.go(PATH, visit.say("Your address counts from now on. Messages about work go there."))


async def own_messages(visit: Visit) -> dict[str, Any]:
    """The addresses and preferences of the member. Raises RefusedError."""
    return await visit.portal.read(f"{API}/work-preferences")


def _channel(visit: Visit) -> str:
    """The channel in the address."""
    return "email" if visit.path.endswith("/email") else "sms"


async def _address_page(visit: Visit, status: int = 200) -> Response:
    own, channel = await own_messages(visit), _channel(visit)
    return visit.page(ADDRESS, status, channel=channel, there=own["email"] if channel == "email" else own["mobile"])
