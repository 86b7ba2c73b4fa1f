"""The member's account, and what is still missing before work can begin."""

from typing import Any

from starlette.responses import Response

from gateway.web.staff.room import room
from gateway.web.visit import Visit


async def own_data(visit: Visit) -> dict[str, Any]:
    """One's account as identity knows it. Raises RefusedError."""
    found: dict[str, Any] = await visit.portal.read("/api/v1/me")
    return found


@room.get("/staff/account")
async def show(visit: Visit) -> Response:
    """Who one is here, and the ways to change password and second factor."""
    sessions = (await visit.portal.read("/api/v1/me/sessions"))["sessions"]
    return visit.page("staff/account.html", own=await own_data(visit), sessions=len(sessions))


@room.get("/staff/finish", limited=True)
async def finish(visit: Visit) -> Response:
    """What a new account still needs, and the way to it."""
    assert visit.session.signed_in is not None
    if not visit.session.signed_in.limited:
        return visit.go("/staff")
    own = await own_data(visit)
    start = bool(own.get("start_password"))
    return visit.page(
        "staff/finish.html", own=own, start=start, following="/staff/password" if start else "/staff/second-factor"
    )
