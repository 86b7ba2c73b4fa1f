"""Opening an account: one thing a page, check the answers, the code, and on to signing in."""

from typing import Any

from starlette.responses import Response

from gateway.web.citizen.account import answers
from gateway.web.citizen.account.codes import SEND, CodeWay
from gateway.web.citizen.account.sign_in import LOGIN
from gateway.web.citizen.room import room
from gateway.web.portal import RefusedError
from gateway.web.refusals import demand, refuse
from gateway.web.rooms import ANYBODY
from gateway.web.visit import Visit
from gateway.web.words import _
from shared.errors import NotFoundError

API = "/api/v1/registrations"
QUESTION, CHECK, CODE = (f"citizen/account/register{part}.html" for part in ("", "-check", "-code"))
CODES = CodeWay(answers.STEP, API, CODE, "/register/code", answers.CHECK)
NEEDED = {
    "name": _("Write your name as it stands on your identity card."),
    "cnic": _("Write the 13 digits of your identity card."),
    "mobile": _("Write your mobile number."),
    "email": _("Write your email address."),
    "address": _("Write your address."),
}


def kept(visit: Visit) -> dict[str, Any]:
    """What was told until now."""
    found: dict[str, Any] = visit.session.steps.setdefault(answers.STEP, {})
    return found


@room.get("/register", roles=ANYBODY)
@room.get("/register/{field}", roles=ANYBODY)
async def show(visit: Visit) -> Response:
    """The page for one answer."""
    if visit.session.signed_in:
        return visit.go("/my")
    if visit.query("next"):
        kept(visit)["next"] = visit.query("next")[:300]
    return _question(visit)


@room.post("/register", roles=ANYBODY)
@room.post("/register/{field}", roles=ANYBODY)
async def keep(visit: Visit) -> Response:
    """Keep an answer that the service would take, and go on."""
    field, value = _field(visit), visit.form.value(_field(visit))
    if not demand(visit, **{field: visit.say(NEEDED[field])}) or not await _would_be_taken(visit, field, value):
        return _question(visit)
    known = kept(visit)
    known[field] = value
    return visit.go(answers.next_page(known))


@room.get("/register/check", roles=ANYBODY)
async def show_answers(visit: Visit) -> Response:
    """All answers, and the password."""
    known = visit.session.steps.get(answers.STEP, {})
    if visit.session.signed_in or answers.open_fields(known):
        return visit.go("/my" if visit.session.signed_in else answers.next_page(known))
    return _check(visit)


@room.post("/register/check", roles=ANYBODY)
async def register(visit: Visit) -> Response:
    """Register; a code goes to the mobile. Nothing tells whether there is an account already.

    A citizen who returns from the code page to correct an answer continues the same registration.
    """
    known = kept(visit)
    if answers.open_fields(known):
        return visit.go(answers.next_page(known))
    body = {field: known[field] for field in answers.FIELDS} | {
        "language": visit.language,
        "password": visit.form.secret("password"),
        **({"instead_of": known["challenge"]} if "challenge" in known else {}),
    }
    if not demand(visit, password=visit.say("Choose a password.")):
        return _check(visit)
    try:
        reply = await visit.portal.post(API, body, key=visit.form.key)
    except RefusedError as refused:
        refuse(visit, refused)
        return _refused(visit, refused.status)
    known["challenge"] = reply.data["registration"]
    return visit.go(CODES.path)


@room.get("/register/code", roles=ANYBODY)
async def show_code(visit: Visit) -> Response:
    """The form for the code."""
    return await CODES.show(visit)


@room.post("/register/code", roles=ANYBODY)
async def check_code(visit: Visit) -> Response:
    """Open the account with the code, or ask for another code."""
    pending = CODES.pending(visit)
    if pending is None or visit.form.has(SEND):
        return await CODES.send_again(visit)
    try:
        reply = await CODES.answer(visit, pending)
    except RefusedError as refused:
        return await CODES.show(visit, refused.status)
    del visit.session.steps[answers.STEP]
    visit.session.steps[LOGIN] = pending["cnic"]
    if reply.data["mobile_proven"]:
        note = visit.say("Your account is open. Sign in with the password that you just chose.")
    else:
        note = visit.say("Your account is open. Sign in with your CNIC, and then prove your mobile number.")
    return visit.go("/sign-in", note, next=pending.get("next", ""))


def _field(visit: Visit) -> str:
    """The answer that this page is about. Raises NotFoundError."""
    field = visit.args.get("field", answers.FIELDS[0])
    if field not in answers.FIELDS:
        raise NotFoundError
    return field


def _question(visit: Visit) -> Response:
    field, known = _field(visit), visit.session.steps.get(answers.STEP, {})
    visit.form.begin({field: known.get(field, "")})
    return visit.page(
        QUESTION,
        question=field,
        step=answers.FIELDS.index(field) + 1,
        steps=len(answers.FIELDS) + 1,
        before=answers.page_before(known, field),
        changing=not answers.open_fields(known),
    )


def _check(visit: Visit, status: int = 200) -> Response:
    known = kept(visit)
    rows = [(field, known[field], answers.page_of(field)) for field in answers.FIELDS]
    return visit.page(CHECK, status, rows=rows)


def _refused(visit: Visit, status: int) -> Response:
    """Show what is wrong on the page of the first answer that is."""
    wrong = next((field for field in answers.FIELDS if field in visit.form.errors), None)
    if wrong is None:
        return _check(visit, status)
    visit.path, visit.args = answers.page_of(wrong), {"field": wrong}
    visit.form.errors = {wrong: visit.form.errors[wrong]}
    visit.form.put(wrong, kept(visit)[wrong])
    return _question(visit)


async def _would_be_taken(visit: Visit, field: str, value: str) -> bool:
    """Whether the service has nothing against an answer: it is asked without the others, and so opens nothing."""
    try:
        await visit.portal.post(API, {field: value[: answers.MAX_LETTERS + 1]})
    except RefusedError as refused:
        if refused.status != 422:
            refuse(visit, refused)
        for error in refused.errors:
            if error["pointer"] == f"/{field}":
                visit.form.wrong(field, _words(visit, field, value, error["message"]))
    return not visit.form.failed


def _words(visit: Visit, field: str, value: str, told: str) -> str:
    """What is wrong with an answer; of a CNIC how many digits there are, since one is easily left out."""
    digits = answers.digits_in(value)
    if field != "cnic" or not digits or digits == answers.CNIC_DIGITS:
        return told
    return visit.say(
        "Your CNIC has %(right)s digits; this has %(digits)s. Look at the card and write all of them.",
        right=answers.CNIC_DIGITS,
        digits=digits,
    )
