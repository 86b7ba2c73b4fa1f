"""Filing without a name: the service keeps no draft, so the pages contain the filing in sealed form.

The account of a citizen who is signed in is not used here.
"""

from collections.abc import Sequence

from starlette.responses import Response

from gateway.web.citizen.filing.confirmation import Request, once_routed
from gateway.web.citizen.filing.questions import (
    BACK,
    GO,
    QuestionPage,
    add_row_errors,
    add_step_errors,
    ask,
    department_of,
    review_rows,
)
from gateway.web.citizen.requests.holder import Holder
from gateway.web.citizen.room import room
from gateway.web.forms.errors import field_messages
from gateway.web.forms.form import Form
from gateway.web.forms.service import check_filing, service_form
from gateway.web.forms.steps import FormStep, ServiceForm
from gateway.web.forms.writing import SealedFiling, WrittenFiling
from gateway.web.portal import RefusedError, segment
from gateway.web.rooms import ANYBODY
from gateway.web.visit import Visit
from shared.errors import FieldError

CHECK = "check"
KEPT, PAGE, RETURN = "kept", "page", "return"
CHANGE = "change-"


@room.get("/anonymous/apply/{code}", roles=ANYBODY)
async def show(visit: Visit) -> Response:
    """The page that the form names, or the first questions. Raises RefusedError."""
    service = await service_for(visit)
    if not service.entry["anonymous"]:
        return visit.go(f"/apply/{service.code}")
    visit.private = True
    sealed = kept_filing(visit, service) or SealedFiling(WrittenFiling(service.code))
    return await show_page(visit, service, sealed, visit.form.value(PAGE) or "1")


@room.post("/anonymous/apply/{code}", roles=ANYBODY)
async def submit(visit: Visit) -> Response:
    """Read the answers of a page, and go where the button leads. Raises RefusedError."""
    service, form = await service_for(visit), visit.form
    at, button = form.value(PAGE), form.value(GO)
    sealed = kept_filing(visit, service)
    if sealed is None:
        return await expired(visit, service)
    if at == CHECK:
        if button.startswith(CHANGE):
            return await turn_to(visit, service, sealed, button.removeprefix(CHANGE), CHECK)
        return await send(visit, service, sealed)
    step = page_of(service, at)
    sealed.written.take(step, form)
    if button == BACK:
        return await turn_to(visit, service, sealed, str(max(1, step.number - 1)))
    checked = await check_filing(visit.portal, sealed.written)
    errors = field_messages([*checked["missing"], *checked["wrong"]], service, sealed.written.answers, visit.words)
    if add_step_errors(visit, step, errors):
        return await show_page(visit, service, sealed, at)
    last = step.number == len(service.steps) or form.value(RETURN) == CHECK
    return await turn_to(visit, service, sealed, CHECK if last else str(step.number + 1))


async def send(visit: Visit, service: ServiceForm, sealed: SealedFiling) -> Response:
    """File it, once for each key of the sealed filing. Raises RefusedError."""
    try:
        reply = await visit.portal.post("/api/v1/anonymous-requests", sealed.written.filing(), key=sealed.key)
    except RefusedError as refused:
        if refused.status >= 500 or refused.status == 429:
            raise
        if not refused.errors:
            visit.form.refuse(refused)
        return await show_answers(visit, service, sealed, refused.status, refused.errors)
    number = reply.data["number"]
    visit.session.remember(visit.session.keys, number, reply.data["key"])
    visit.session.remember(visit.session.digits, number, reply.data["code"])
    return visit.go(f"/anonymous/{number}/sent")


@room.get("/anonymous/{number}/sent", roles=ANYBODY)
async def sent(visit: Visit) -> Response:
    """The confirmation with the key, as long as this browser remembers the key. Raises RefusedError."""
    number = segment(visit.args["number"])
    key = visit.session.keys.get(number)
    if key is None:
        return visit.go("/anonymous", number=number)
    visit.private = True
    visit.portal.access_token = ""

    async def read() -> Request:
        request: Request = (await Holder(visit, number, key).read()).data
        return request

    request = await once_routed(read)
    service = await service_form(visit.portal, request["service"])
    code, home = visit.session.digits.get(number) or request["track_code"], f"/anonymous/{number}"
    return visit.page(
        "citizen/filing/sent-unnamed.html", request=request, service=service, key=key, code=code, home=home
    )


async def service_for(visit: Visit) -> ServiceForm:
    """The service in the address; the calls of this page carry no token. Raises RefusedError."""
    visit.portal.access_token = ""
    return await service_form(visit.portal, visit.args["code"])


def kept_filing(visit: Visit, service: ServiceForm) -> SealedFiling | None:
    """The filing that the page contains."""
    return SealedFiling.open(visit.sealer, visit.form.value(KEPT), service)


def page_of(service: ServiceForm, at: str) -> FormStep:
    """The page with this number; the first page if there is none."""
    step = service.step(int(at)) if at.isdecimal() and len(at) < 4 else None
    return step or service.steps[0]


async def turn_to(visit: Visit, service: ServiceForm, sealed: SealedFiling, at: str, back_to: str = "") -> Response:
    """Show another page, with the answers so far. Raises RefusedError."""
    visit.form = Form()
    if at != CHECK:
        sealed.written.fill(page_of(service, at), visit.form)
    return await show_page(visit, service, sealed, at, back_to=back_to)


async def expired(visit: Visit, service: ServiceForm) -> Response:
    """Say that the pages were open for too long. Raises RefusedError."""
    words = visit.say("These pages had been open for more than a day. Answer the questions again.")
    visit.form.general_error = words
    return await show_page(visit, service, SealedFiling(WrittenFiling(service.code)), "1", 409)


async def show_page(
    visit: Visit, service: ServiceForm, sealed: SealedFiling, at: str, status: int = 200, *, back_to: str = ""
) -> Response:
    """Show a page of questions, or all answers. Raises RefusedError."""
    if at == CHECK:
        return await show_answers(visit, service, sealed, status)
    step = page_of(service, at)
    hidden = {KEPT: sealed.seal(visit.sealer), PAGE: str(step.number)}
    if CHECK in (back_to, visit.form.value(RETURN)):
        hidden[RETURN] = CHECK
    back = "" if step.number > 1 else visit.url(f"/apply/{service.code}")
    return await ask(visit, QuestionPage(service, step, hidden, back=back, leave=False), status)


async def show_answers(
    visit: Visit, service: ServiceForm, sealed: SealedFiling, status: int = 200, refusals: Sequence[FieldError] = ()
) -> Response:
    """Show all answers, and the result of checking them. Raises RefusedError."""
    checked = await check_filing(visit.portal, sealed.written)
    found = refusals or [*checked["missing"], *checked["wrong"]]
    errors = field_messages(found, service, sealed.written.answers, visit.words)
    rows = await review_rows(visit, service, sealed.written, errors)
    if status != 200:
        add_row_errors(visit, rows, errors)
    return visit.page(
        "citizen/filing/check-unnamed.html",
        status,
        service=service,
        rows=rows,
        checked=checked,
        department=await department_of(visit, checked),
        kept=sealed.seal(visit.sealer),
    )
