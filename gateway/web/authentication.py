"""What happens before a handler: refresh the session, check the role, lead to signing in; and signing in itself."""

import re
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from starlette.responses import Response

from gateway.web.forms.form import Form
from gateway.web.portal import REFRESH, RefusedError
from gateway.web.resending import resend_page
from gateway.web.rooms import PageRoute
from gateway.web.session import SignedIn
from gateway.web.visit import Handler, Visit
from gateway.web.words import LANGUAGES
from shared.errors import ForbiddenError

EARLY_SECONDS = 20
"""An access token is renewed this many seconds before it expires, so that it does not expire on its way."""
UNSENT_SECONDS = 3600
UNSENT = "waiting"
"""Marks the sealed form of a citizen who has to sign in again."""
MAX_SIGN_IN_FORM = 1_000_000
"""Bytes of a form for signing in: it may contain an unsent form, which sealing makes a third longer."""
MAX_NEXT = 300
"""Letters of an address that is kept in the cookie."""
SIGN_IN, STAFF_SIGN_IN, FINISH = "/sign-in", "/staff/sign-in", "/staff/finish"
CODE_PAGE, TOTP_PAGE = "/sign-in/code", "/staff/sign-in/code"
CHALLENGE = "sign-in"
"""The step of the session that holds the challenge of signing in."""
HOMES = {
    "citizen": "/my",
    "officer": "/desk",
    "head": "/desk",
    "appellate": "/desk",
    "clerk": "/counter",
    "admin": "/admin",
    "auditor": "/admin/audit",
}
"""The first page of each role."""
LOCAL = re.compile(r"/(?!/)[A-Za-z0-9._~@:+,=/-]*(\?[A-Za-z0-9._~@:+,=/&%-]*)?")


async def refresh_session(visit: Visit) -> None:
    """Use the session's access token, renewed if it expires soon. A session that has ended is removed.

    Raises RefusedError if identity cannot be reached and the old token has expired.
    """
    me = visit.session.signed_in
    if me is not None and me.access_until - time.time() < EARLY_SECONDS:
        me = await _renewed(visit, me)
    visit.portal.access_token = me.access_token if me else ""


async def _renewed(visit: Visit, me: SignedIn) -> SignedIn | None:
    try:
        reply = await visit.portal.post(REFRESH, {"refresh_token": me.refresh_token})
    except RefusedError as refused:
        if refused.status == 401:
            end_session(visit)
            return None
        if me.access_until < time.time():
            raise
        return me
    visit.session.signed_in = SignedIn.of(reply.data, me)
    return visit.session.signed_in


def end_session(visit: Visit) -> None:
    """Remove a session that has ended at identity."""
    visit.former_account = visit.session.signed_in.account if visit.session.signed_in else ""
    visit.session.sign_out()
    visit.portal.access_token = ""
    visit.session_ended = True


def page_before(visit: Visit, page: PageRoute) -> str:
    """The page that comes before this one: for signing in, or what the account still needs; empty if there is none.

    Raises ForbiddenError if the page is for other roles.
    """
    me = visit.session.signed_in
    if not page.roles:
        return ""
    if me is None:
        return SIGN_IN if "citizen" in page.roles else STAFF_SIGN_IN
    if me.limited and not page.limited:
        return FINISH
    if me.role not in page.roles:
        raise ForbiddenError
    return ""


def seal_unsent_form(visit: Visit) -> Form:
    """A form for signing in that contains, sealed, the form that was sent without a session."""
    form = visit.form
    account = visit.former_account
    content = {"of": UNSENT, "path": visit.path, "fields": form.fields, "key": form.key, "account": account}
    return Form(resume=visit.sealer.seal(content))


def unsent_form(visit: Visit) -> tuple[str, Form] | None:
    """The unsent form and its address; None if it is too old or belongs to another account."""
    content = visit.sealer.open(visit.form.resume, UNSENT_SECONDS) if visit.form.resume else None
    me = visit.session.signed_in
    if not isinstance(content, dict) or content.get("of") != UNSENT:
        return None
    if me is None or content["account"] not in ("", me.account):
        return None
    form = Form([(name, value) for name, value in content["fields"]], submitted=True, key=content["key"])
    return content["path"], form


async def go_or_show(visit: Visit, path: str, show: Handler, note: str = "") -> Response:
    """Redirect to a page of signing in, or show it at once if a redirect would lose an unsent form."""
    if not visit.form.resume:
        return visit.go(path, note)
    visit.session.note = note
    visit.path, visit.form = path, Form(resume=visit.form.resume)
    return await show(visit)


def next_page(visit: Visit, text: str) -> str:
    """The page to open after signing in: the requested one if it is ours, else the first page of the role."""
    me = visit.session.signed_in
    if me and me.limited:
        return FINISH
    home = HOMES.get(me.role, "/") if me else "/"
    return text if LOCAL.fullmatch(text) and not text.startswith(("/sign-in", "/staff/")) else home


def keep_challenge(visit: Visit, answer: Mapping[str, Any], next_address: str) -> None:
    """Keep the challenge that identity sent, and the page to open afterwards."""
    kept = next_address if len(next_address) <= MAX_NEXT else ""
    visit.session.steps[CHALLENGE] = {"challenge": answer["challenge"], "next": kept}


async def start_session(visit: Visit, granted: Mapping[str, Any], next_address: str) -> Response:
    """Start the session that identity granted; show the unsent form, or redirect to the next page.

    Raises RefusedError if a service cannot be reached.
    """
    resume = visit.form.resume
    visit.session.sign_in(SignedIn.of(granted))
    visit.portal.access_token = granted["access_token"]
    visit.portal.client = granted["account"]["id"]
    visit.session.signed_in = await _with_names(visit)
    visit.form = Form(resume=resume)
    unsent = unsent_form(visit)
    if unsent is None:
        return visit.go(next_page(visit, next_address))
    visit.path, visit.form = unsent
    title, detail = visit.say("You are signed in again"), visit.say("Your form is still here.")
    return resend_page(visit, 200, title, detail)


async def _with_names(visit: Visit) -> SignedIn:
    """The session with the names that pages show at the top: of the account and, for staff, of the department."""
    me = visit.session.signed_in
    assert me is not None
    account = await visit.portal.read("/api/v1/me")
    department: dict[str, str] = {}
    if me.department:
        for language in LANGUAGES:
            reply = await visit.portal.get("/api/v1/departments", headers={"Accept-Language": language})
            names = {one["code"]: one["name"] for one in reply.data["departments"]}
            department[language] = names.get(me.department, me.department)
    return replace(me, name=account["name"] or "", place=department)
