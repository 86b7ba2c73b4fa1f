"""Opening an account: one answer a page, all answers to check, then the code, then signing in.

The answers are kept in the session until the account is open.
"""

import re
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from gateway.web.citizen.account.codes import CodePage
from gateway.web.citizen.account.sign_in import LOGIN
from gateway.web.citizen.room import room
from gateway.web.portal import RefusedError, Reply
from gateway.web.rooms import ANYBODY
from gateway.web.visit import Visit
from gateway.web.words import _
from shared.errors import NotFoundError

API = "/api/v1/registrations"
STEP = "register"
FIELDS = ("name", "cnic", "mobile", "email", "address")
"""In the order of their pages; the password is asked on the last page and never kept."""
CHECK_PATH = "/register/check"
QUESTION, CHECK, CODE = (f"citizen/account/register{part}.html" for part in ("", "-check", "-code"))
CODES = CodePage(STEP, API, CODE, "/register/code", CHECK_PATH)
NEEDED = {
    "name": _("Write your name as it is written on your identity card."),
    "cnic": _("Write the 13 digits of your identity card."),
    "mobile": _("Write your mobile number."),
    "email": _("Write your email address."),
    "address": _("Write your address."),
}
CNIC_DIGITS = 13
DIGIT = re.compile(r"\d")
MAX_LETTERS = 500
"""The longest answer: all answers together must fit into a cookie."""


@room.get("/register", roles=ANYBODY)
@room.get("/register/{field}", roles=ANYBODY)
async def show(visit: Visit) -> Response:
    """The page for one answer."""
    if visit.session.signed_in:
        return visit.go("/my")
    if visit.query("next"):
        answers_of(visit)["next"] = visit.query("next")[:300]
    return _question(visit)


@room.post("/register", roles=ANYBODY, again=show)
@room.post("/register/{field}", roles=ANYBODY, again=show)
async def keep(visit: Visit) -> Response:
    """Keep an answer that the service would accept, and go on."""
    field = _field(visit)
    visit.form.require(**{field: visit.say(NEEDED[field])})
    await _require_acceptable(visit, field, visit.form.value(field))
    answers = answers_of(visit)
    answers[field] = visit.form.value(field)
    return visit.go(next_page(answers))


@room.get(CHECK_PATH, roles=ANYBODY)
async def show_answers(visit: Visit) -> Response:
    """All answers, and the form for the password."""
    answers = visit.session.steps.get(STEP, {})
    if visit.session.signed_in or open_fields(answers):
        return visit.go("/my" if visit.session.signed_in else next_page(answers))
    return _check(visit)


@room.post(CHECK_PATH, roles=ANYBODY, again=show_answers)
async def register(visit: Visit) -> Response:
    """Register; a code goes to the mobile. The response does not reveal whether there is an account already.

    A citizen who returns from the code page to correct an answer continues the same registration.
    """
    answers = answers_of(visit)
    if open_fields(answers):
        return visit.go(next_page(answers))
    body = {field: answers[field] for field in FIELDS} | {
        "language": visit.language,
        "password": visit.form.raw("password"),
        **({"instead_of": answers["challenge"]} if "challenge" in answers else {}),
    }
    visit.form.require(password=visit.say("Choose a password."))
    try:
        reply = await visit.portal.post(API, body, key=visit.form.key)
    except RefusedError as refused:
        visit.form.refuse(refused)
        return _refused(visit)
    answers["challenge"] = reply.data["registration"]
    return visit.go(CODES.path)


@CODES.accepts(roles=ANYBODY)
async def open_account(visit: Visit, pending: dict[str, Any], reply: Reply) -> Response:
    """The account is open: go on to signing in."""
    del visit.session.steps[STEP]
    visit.session.steps[LOGIN] = pending["cnic"]
    if reply.data["mobile_proven"]:
        note = visit.say("Your account is open. Sign in with the password that you just chose.")
    else:
        note = visit.say("Your account is open. Sign in with your CNIC, and then prove your mobile number.")
    return visit.go("/sign-in", note, next=pending.get("next", ""))


def answers_of(visit: Visit) -> dict[str, Any]:
    """The answers so far."""
    answers: dict[str, Any] = visit.session.steps.setdefault(STEP, {})
    return answers


def page_of(field: str) -> str:
    """The address of the page for one answer."""
    return "/register" if field == FIELDS[0] else f"/register/{field}"


def open_fields(answers: Mapping[str, Any]) -> list[str]:
    """The fields without an answer."""
    return [field for field in FIELDS if not answers.get(field)]


def next_page(answers: Mapping[str, Any]) -> str:
    """The page of the first missing answer, or the check of all answers."""
    missing = open_fields(answers)
    return page_of(missing[0]) if missing else CHECK_PATH


def page_before(answers: Mapping[str, Any], field: str) -> str:
    """Where "Back" leads: to the page before, or to the check if all answers are given; empty on the first page."""
    if not open_fields(answers):
        return CHECK_PATH
    before = FIELDS.index(field) - 1
    return page_of(FIELDS[before]) if before >= 0 else ""


def digits_in(text: str) -> int:
    """The number of digits, of any script."""
    return len(DIGIT.findall(text))


def _field(visit: Visit) -> str:
    """The field of this page. Raises NotFoundError."""
    field = visit.args.get("field", FIELDS[0])
    if field not in FIELDS:
        raise NotFoundError
    return field


def _question(visit: Visit) -> Response:
    field, answers = _field(visit), visit.session.steps.get(STEP, {})
    visit.form.prefill({field: answers.get(field, "")})
    return visit.page(
        QUESTION,
        question=field,
        step=FIELDS.index(field) + 1,
        steps=len(FIELDS) + 1,
        before=page_before(answers, field),
        changing=not open_fields(answers),
    )


def _check(visit: Visit) -> Response:
    answers = answers_of(visit)
    rows = [(field, answers[field], page_of(field)) for field in FIELDS]
    return visit.page(CHECK, rows=rows)


def _refused(visit: Visit) -> Response:
    """Show the errors on the page of the first wrong answer."""
    wrong = next((field for field in FIELDS if field in visit.form.errors), None)
    if wrong is None:
        return _check(visit)
    visit.path, visit.args = page_of(wrong), {"field": wrong}
    visit.form.errors = {wrong: visit.form.errors[wrong]}
    visit.form.set(wrong, answers_of(visit)[wrong])
    return _question(visit)


async def _require_acceptable(visit: Visit, field: str, value: str) -> None:
    """Ask the service about one answer; it is sent without the others, so no account is opened.

    Raises RefusedError, and FormError if the answer is refused.
    """
    try:
        await visit.portal.post(API, {field: value[: MAX_LETTERS + 1]})
    except RefusedError as refused:
        if refused.status != 422:
            raise
        for error in refused.errors:
            if error["pointer"] == f"/{field}":
                visit.form.fail(field, _message(visit, field, value, error["message"]))


def _message(visit: Visit, field: str, value: str, message: str) -> str:
    """The error message of an answer; for a CNIC it says how many digits were typed."""
    digits = digits_in(value)
    if field != "cnic" or not digits or digits == CNIC_DIGITS:
        return message
    return visit.say(
        "Your CNIC has %(right)s digits; this has %(digits)s. Look at the card and write all of them.",
        right=CNIC_DIGITS,
        digits=digits,
    )
