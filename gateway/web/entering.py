"""What comes before a handler: recognise the person, refresh the tokens, turn away people who may not enter."""

import re
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from starlette.responses import Response

from gateway.web.again import give_back
from gateway.web.forms.form import Form
from gateway.web.portal import REFRESH, RefusedError
from gateway.web.rooms import PageRoute
from gateway.web.session import SignedIn
from gateway.web.visit import Handler, Visit
from gateway.web.words import LANGUAGES
from shared.errors import ForbiddenError

EARLY_SECONDS = 20
"""How long before its end an access token is exchanged, so that it does not end on its way."""
RESUME_SECONDS = 3600
WAITING = "waiting"
"""What a sealed form says that it is."""
MAX_WAITING = 1_000_000
"""Bytes of a form for signing in: it carries the one that waits, which sealing makes a third longer."""
MAX_NEXT = 300
"""Letters of an address that is kept in the cookie."""
SIGN_IN, STAFF_SIGN_IN, FINISH = "/sign-in", "/staff/sign-in", "/staff/finish"
CODE_PAGE, TOTP_PAGE = "/sign-in/code", "/staff/sign-in/code"
CHALLENGE = "sign-in"
"""By which name the session keeps what identity asks for besides the password."""
HOMES = {
    "citizen": "/my",
    "officer": "/desk",
    "head": "/desk",
    "appellate": "/desk",
    "clerk": "/counter",
    "admin": "/admin",
    "auditor": "/admin/audit",
}
"""Where each role begins."""
LOCAL = re.compile(r"/(?!/)[A-Za-z0-9._~@:+,=/-]*(\?[A-Za-z0-9._~@:+,=/&%-]*)?")


async def recognise(visit: Visit) -> None:
    """Use the session's tokens, exchanged where they end soon. A session that is over is forgotten.

    Raises RefusedError where identity cannot be reached and the old token is over.
    """
    me = visit.session.signed_in
    if me is not None and me.access_until - time.time() < EARLY_SECONDS:
        me = await _refreshed(visit, me)
    visit.portal.access_token = me.access_token if me else ""


async def _refreshed(visit: Visit, me: SignedIn) -> SignedIn | None:
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
    """Forget the person, whose session identity no longer knows."""
    visit.former = visit.session.signed_in.account if visit.session.signed_in else ""
    visit.session.sign_out()
    visit.portal.access_token = ""
    visit.ended = True


def demand(visit: Visit, page: PageRoute) -> None:
    """Let in the people the page is for. Raises SignInNeededError, UnfinishedError, ForbiddenError."""
    me = visit.session.signed_in
    if not page.roles:
        return
    if me is None:
        raise SignInNeededError(SIGN_IN if "citizen" in page.roles else STAFF_SIGN_IN)
    if me.limited and not page.limited:
        raise UnfinishedError
    if me.role not in page.roles:
        raise ForbiddenError


class SignInNeededError(Exception):
    """Somebody has to sign in first."""

    def __init__(self, address: str) -> None:
        """`address` is the page to do so."""
        super().__init__(address)
        self.address = address


class UnfinishedError(Exception):
    """The account has to get a second factor, or a password of its own, before anything else."""


def keep_waiting(visit: Visit) -> Form:
    """A form for signing in that carries, sealed, the form that was sent too late."""
    form = visit.form
    content = {"of": WAITING, "path": visit.path, "fields": form.fields, "key": form.key, "account": visit.former}
    return Form(resume=visit.sealer.seal(content))


async def onward(visit: Visit, path: str, show: Handler, note: str = "") -> Response:
    """Lead on to a page of signing in, or show it at once where a form waits, which a redirect would lose."""
    if not visit.form.resume:
        return visit.go(path, note)
    visit.session.note = note
    visit.path, visit.form = path, Form(resume=visit.form.resume)
    return await show(visit)


def waiting_form(visit: Visit) -> tuple[str, Form] | None:
    """The form that waited until its writer signed in, and its address; None for anybody else's, or an old one."""
    content = visit.sealer.open(visit.form.resume, RESUME_SECONDS) if visit.form.resume else None
    me = visit.session.signed_in
    if not isinstance(content, dict) or content.get("of") != WAITING:  # everything that we seal says what it is for
        return None
    if me is None or content["account"] not in ("", me.account):
        return None
    form = Form([(name, value) for name, value in content["fields"]], sent=True, key=content["key"])
    return content["path"], form


def next_page(visit: Visit, text: str) -> str:
    """Where to go after signing in: the page that was asked for, or the role's own; never another site."""
    me = visit.session.signed_in
    if me and me.limited:
        return FINISH
    home = HOMES.get(me.role, "/") if me else "/"
    return text if LOCAL.fullmatch(text) and not text.startswith(("/sign-in", "/staff/")) else home


def keep_challenge(visit: Visit, answer: Mapping[str, Any], next_address: str) -> None:
    """Keep what identity asks for besides the password, and where to go afterwards."""
    kept = next_address if len(next_address) <= MAX_NEXT else ""
    visit.session.steps[CHALLENGE] = {"challenge": answer["challenge"], "next": kept}


async def welcome(visit: Visit, granted: Mapping[str, Any], next_address: str) -> Response:
    """Begin the session that identity granted, and go on: to the form that waited, or to the page asked for.

    Raises RefusedError where the services cannot say who it is.
    """
    resume = visit.form.resume
    visit.session.sign_in(SignedIn.of(granted))
    visit.portal.access_token = granted["access_token"]
    visit.portal.who = granted["account"]["id"]
    visit.session.signed_in = await _named(visit)
    visit.form = Form(resume=resume)
    waiting = waiting_form(visit)
    if waiting is None:
        return visit.go(next_page(visit, next_address))
    visit.path, visit.form = waiting
    return give_back(
        visit, 200, visit.say("You are signed in again"), visit.say("Your form is still here."), resend=False
    )


async def _named(visit: Visit) -> SignedIn:
    """The person with the name and, for staff, the department that pages show at the top."""
    me = visit.session.signed_in
    assert me is not None
    own = (await visit.portal.get("/api/v1/me")).data
    place: dict[str, str] = {}
    if me.department:
        for language in LANGUAGES:
            known = await visit.portal.get("/api/v1/departments", headers={"Accept-Language": language})
            place[language] = next(
                (one["name"] for one in known.data["departments"] if one["code"] == me.department), me.department
            )
    return replace(me, name=own["name"] or "", place=place)
