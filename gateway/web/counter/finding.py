"""The first page of the counter: finding the citizen by CNIC or mobile."""

import re

from starlette.responses import Response

from gateway.web.counter.citizen import MaskedCitizen, remember
from gateway.web.counter.room import room
from gateway.web.forms.form import Form
from gateway.web.portal import not_found, or_else
from gateway.web.visit import Visit
from shared.spelling import bare

REGISTER = "counter/register.html"
BRACKETS = re.compile(r"[()./]")
MOBILE = re.compile(r"(\+|0|92|3\d{9}$)")
"""The beginning of a mobile number. No CNIC begins with 0 or 9; a CNIC that begins with 3 has more digits."""
FILED, MAX_FILED = "filed", 5


@room.get("/counter")
async def show(visit: Visit) -> Response:
    """The form for CNIC or mobile, and the numbers filed last."""
    return visit.page("counter/home.html", filed=visit.session.steps.get(FILED, []))


@room.post("/counter", again=show, names={"/mobile": "who", "/cnic": "who"})
async def find(visit: Visit) -> Response:
    """Look up the citizen; offer to open an account if there is none. Raises RefusedError."""
    typed = visit.form.value("who")
    visit.form.require(who=visit.say("Type the CNIC or the mobile number."))
    kind = kind_of(typed)
    reply = await or_else(None, visit.portal.post("/api/v1/citizens/lookup", {kind: typed}), not_found)
    if reply is None:
        return offer_account(visit, kind, typed)
    citizen = MaskedCitizen.of(reply.data)
    remember(visit, citizen)
    return visit.go(citizen.home)


def offer_account(visit: Visit, kind: str, typed: str) -> Response:
    """The form for an account, filled in with the number; the number is in no address."""
    visit.path, visit.form = "/counter/register", Form()
    visit.form.set(kind, typed)
    return visit.page(REGISTER, 404, missing=kind)


def kind_of(typed: str) -> str:
    """Whether the typed number is a mobile or a CNIC."""
    return "mobile" if MOBILE.match(BRACKETS.sub("", bare(typed))) else "cnic"


def remember_filed(visit: Visit, number: str) -> None:
    """Keep the number of a filing, for a citizen who comes back for the receipt."""
    kept: list[str] = visit.session.steps.setdefault(FILED, [])
    if number not in kept:
        kept.insert(0, number)
        del kept[MAX_FILED:]
