"""The account of a member of staff: its data, password and sessions, and what it needs before work can begin."""

from starlette.responses import Response

from gateway.web.portal import not_found, or_else, segment
from gateway.web.staff.room import room
from gateway.web.staff.sign_in import sign_in_again
from gateway.web.visit import Visit

SESSIONS = "/api/v1/me/sessions"


@room.get("/staff/account")
async def show(visit: Visit) -> Response:
    """The account, with links to change password and second factor."""
    sessions = (await visit.portal.read(SESSIONS))["sessions"]
    return visit.page("staff/account.html", own=await visit.portal.read("/api/v1/me"), sessions=len(sessions))


@room.get("/staff/finish", limited=True)
async def finish(visit: Visit) -> Response:
    """What a new account still needs."""
    assert visit.session.signed_in is not None
    if not visit.session.signed_in.limited:
        return visit.go("/staff")
    account = await visit.portal.read("/api/v1/me")
    start = bool(account.get("start_password"))
    return visit.page(
        "staff/finish.html", own=account, start=start, following="/staff/password" if start else "/staff/second-factor"
    )


@room.get("/staff/sessions")
async def show_sessions(visit: Visit) -> Response:
    """Where the member is signed in."""
    return visit.page("staff/sessions.html", sessions=(await visit.portal.read(SESSIONS))["sessions"])


@room.post("/staff/sessions")
async def end_sessions(visit: Visit) -> Response:
    """End one session, or all others, by the button that was pressed."""
    session = visit.form.value("session")
    path = f"{SESSIONS}/{segment(session)}" if session else SESSIONS
    await or_else(None, visit.portal.call("DELETE", path), not_found)
    if session:
        return visit.go("/staff/sessions", visit.say("That device was signed out."))
    return visit.go("/staff/sessions", visit.say("All your other devices were signed out."))


NAMES = {
    "password-wrong": "current_password",
    "new-password-refused": "new_password",
    "/current": "current_password",
    "/new": "new_password",
}


@room.get("/staff/password", limited=True)
async def show_password(visit: Visit) -> Response:
    """The form."""
    return visit.page("staff/password.html", own=await visit.portal.read("/api/v1/me"))


@room.post("/staff/password", limited=True, again=show_password, names=NAMES)
async def change_password(visit: Visit) -> Response:
    """Change the password. All sessions end, this one too."""
    form, own = visit.form, await visit.portal.read("/api/v1/me")
    form.require(
        current_password=visit.say("Type your current password."),
        new_password=visit.say("Choose a new password."),
    )
    body = {"current": form.raw("current_password"), "new": form.raw("new_password")}
    await visit.portal.post("/api/v1/me/staff-password", body)
    return sign_in_again(visit, own["login"], visit.say("Your new password is set. Sign in with it now."))
