"""Messages about work: the addresses, each proven by a code, and how often they come."""

from typing import Any

from starlette.responses import Response

from gateway.web.portal import RefusedError
from gateway.web.staff.room import room
from gateway.web.visit import Visit

API = "/api/v1/notifications"
PATH = "/staff/messages"
GET_MESSAGES = frozenset({"officer", "head", "appellate", "admin"})


@room.get(PATH, roles=GET_MESSAGES)
async def show(visit: Visit) -> Response:
    """The addresses, and how often messages come."""
    own = await own_messages(visit)
    visit.form.prefill({**own["often"], "language": own["language"]})
    return visit.page("staff/messages.html", own=own)


@room.post(PATH, roles=GET_MESSAGES, again=show)
async def choose(visit: Visit) -> Response:
    """Save how often messages come."""
    own = await own_messages(visit)
    chosen = {name: visit.form.value(name) for name in (*own["often"], "language") if visit.form.has(name)}
    await visit.portal.call("PUT", f"{API}/work-preferences", body=chosen)
    return visit.go(PATH, visit.say("Saved. From now on we write to you like this."))


@room.get(f"{PATH}/email", roles=GET_MESSAGES)
@room.get(f"{PATH}/mobile", roles=GET_MESSAGES)
async def show_address(visit: Visit) -> Response:
    """The form for an email address or a mobile number."""
    own, channel = await own_messages(visit), _channel(visit)
    known = own["email"] if channel == "email" else own["mobile"]
    return visit.page("staff/messages-address.html", channel=channel, there=known)


@room.post(f"{PATH}/email", roles=GET_MESSAGES, again=show_address)
@room.post(f"{PATH}/mobile", roles=GET_MESSAGES, again=show_address)
async def set_address(visit: Visit) -> Response:
    """Send a code to the address, or remove the address."""
    channel = _channel(visit)
    if visit.form.has("remove"):
        await visit.portal.call("DELETE", f"{API}/work-addresses/{channel}")
        return visit.go(PATH, visit.say("Removed. Nothing goes there any more."))
    email, mobile = visit.say("Write your email address."), visit.say("Write your mobile number.")
    visit.form.require(address=email if channel == "email" else mobile)
    await visit.portal.post(f"{API}/work-addresses", {"channel": channel, "address": visit.form.value("address")})
    return visit.go(f"{PATH}/code")


@room.get(f"{PATH}/code", roles=GET_MESSAGES)
async def show_code(visit: Visit) -> Response:
    """The form for the code that was sent."""
    waiting = (await own_messages(visit))["waiting"]
    return visit.page("staff/messages-code.html", waiting=waiting) if waiting else visit.go(PATH)


@room.post(f"{PATH}/code", roles=GET_MESSAGES, again=show_code)
async def prove(visit: Visit) -> Response:
    """Prove the address with the code."""
    visit.form.require(code=visit.say("Type the code of 6 digits."))
    try:
        await visit.portal.post(f"{API}/work-addresses/proof", {"code": visit.form.code()})
    except RefusedError as refused:
        if refused.code == "otp-failed":  # its usual text is about signing in
            visit.form.fail("code", visit.say("The code is not correct or has expired. Use the newest one."))
        raise
    return visit.go(PATH, visit.say("Your address counts from now on. Messages about work go there."))


async def own_messages(visit: Visit) -> dict[str, Any]:
    """The addresses and preferences of the member. Raises RefusedError."""
    return await visit.portal.read(f"{API}/work-preferences")


def _channel(visit: Visit) -> str:
    """The channel in the address."""
    return "email" if visit.path.endswith("/email") else "sms"
