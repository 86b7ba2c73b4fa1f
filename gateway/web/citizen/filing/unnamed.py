"""Filing without a name: no account keeps a draft, so what is written travels sealed in the pages.

Nothing here uses the account of somebody who is signed in all the same.
"""

from collections.abc import Mapping, Sequence

from starlette.responses import Response

from gateway.web.citizen.filing.asking import BACK, GO, QuestionPage, ask, tell
from gateway.web.citizen.filing.confirmation import Request, once_routed
from gateway.web.citizen.filing.review import department_of, lines_of, tell_lines
from gateway.web.citizen.requests.holder import Holder
from gateway.web.citizen.room import room
from gateway.web.forms.errors import field_messages
from gateway.web.forms.form import Form
from gateway.web.forms.service import check_filing, districts_for, service_form
from gateway.web.forms.steps import FormStep, ServiceForm
from gateway.web.forms.writing import SealedFiling, WrittenFiling
from gateway.web.portal import RefusedError, segment
from gateway.web.rooms import ANYBODY
from gateway.web.visit import Visit
from shared.errors import FieldError

CHECK = "check"
CHECK_PAGE, SENT_PAGE = "citizen/filing/check-unnamed.html", "citizen/filing/sent-unnamed.html"
KEPT, PAGE, RETURN = "kept", "page", "return"
CHANGE, SEND = "change-", "send"


@room.get("/anonymous/apply/{code}", roles=ANYBODY)
async def show(visit: Visit) -> Response:
    """The page that the form is at: the first questions, where it is only begun. Raises RefusedError."""
    service = await service_for(visit)
    if not service.entry["anonymous"]:
        return visit.go(f"/apply/{service.code}")
    visit.private = True
    sealed = opened(visit, service) or SealedFiling(WrittenFiling(service.code))
    return await show_page(visit, service, sealed, visit.form.value(PAGE) or "1")


@room.post("/anonymous/apply/{code}", roles=ANYBODY)
async def take(visit: Visit) -> Response:
    """Take over a page, and go where the button leads. Raises RefusedError."""
    service, form = await service_for(visit), visit.form
    at, going = form.value(PAGE), form.value(GO)
    sealed = opened(visit, service)
    if sealed is None:
        return await over(visit, service)
    if at == CHECK:
        if going.startswith(CHANGE):
            return await turn_to(visit, service, sealed, going.removeprefix(CHANGE), CHECK)
        return await send(visit, service, sealed)
    step = page_of(service, at)
    sealed.written.take(step, form)
    if going == BACK:
        return await turn_to(visit, service, sealed, str(max(1, step.number - 1)))
    told = await check_filing(visit.portal, sealed.written)
    errors = field_messages([*told["missing"], *told["wrong"]], service, sealed.written.answers, visit.words)
    if tell(visit, step, errors):
        return await show_page(visit, service, sealed, at)
    last = step.number == len(service.steps) or form.value(RETURN) == CHECK
    return await turn_to(visit, service, sealed, CHECK if last else str(step.number + 1))


async def send(visit: Visit, service: ServiceForm, sealed: SealedFiling) -> Response:
    """File it; the key in it sees to it that it is filed once. Raises RefusedError."""
    try:
        reply = await visit.portal.post("/api/v1/anonymous-requests", sealed.written.filing(), key=sealed.key)
    except RefusedError as refused:
        if refused.status >= 500 or refused.status == 429:
            raise
        if not refused.errors:
            visit.form.refuse(refused)
        return await show_answers(visit, service, sealed, refused.status, refused.errors)
    given: Mapping[str, str] = reply.data
    visit.session.remember(visit.session.keys, given["number"], given["key"])
    visit.session.remember(visit.session.digits, given["number"], given["code"])
    return visit.go(f"/anonymous/{given['number']}/sent")


@room.get("/anonymous/{number}/sent", roles=ANYBODY)
async def sent(visit: Visit) -> Response:
    """The confirmation, with the key that opens it again, as long as this browser remembers it. Raises RefusedError."""
    number = segment(visit.args["number"])
    key = visit.session.keys.get(number)
    if key is None:
        return visit.go("/anonymous", number=number)
    visit.private = True
    visit.portal.access_token = ""

    async def read() -> Request:
        found: Request = (await Holder(visit, number, key).read()).data
        return found

    request = await once_routed(read)
    service = await service_form(visit.portal, request["service"])
    code = visit.session.digits.get(number) or request["track_code"]
    return visit.page(SENT_PAGE, request=request, service=service, key=key, code=code, home=f"/anonymous/{number}")


async def service_for(visit: Visit) -> ServiceForm:
    """The service in the address, asked for by nobody. Raises RefusedError."""
    visit.portal.access_token = ""
    return await service_form(visit.portal, visit.args["code"])


def opened(visit: Visit, service: ServiceForm) -> SealedFiling | None:
    """What the page carries."""
    return SealedFiling.open(visit.sealer, visit.form.value(KEPT), service)


def page_of(service: ServiceForm, at: str) -> FormStep:
    """The page of a number in a form; the first where it is none."""
    step = service.step(int(at)) if at.isdecimal() and len(at) < 4 else None
    return step or service.steps[0]


async def turn_to(visit: Visit, service: ServiceForm, sealed: SealedFiling, at: str, back_to: str = "") -> Response:
    """Show another page than the one that was sent, filled in as far as it was answered. Raises RefusedError."""
    visit.form = Form()
    if at != CHECK:
        sealed.written.fill(page_of(service, at), visit.form)
    return await show_page(visit, service, sealed, at, back_to=back_to)


async def over(visit: Visit, service: ServiceForm) -> Response:
    """Say that the pages were open for longer than anything is kept. Raises RefusedError."""
    visit.form.general_error = visit.say("These pages had been open for more than a day. Answer the questions again.")
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
    """Show the answers, and what the rules say of them. Raises RefusedError."""
    told = await check_filing(visit.portal, sealed.written)
    found = refusals or [*told["missing"], *told["wrong"]]
    errors = field_messages(found, service, sealed.written.answers, visit.words)
    lines = lines_of(visit, service, sealed.written, await districts_for(visit.portal, service), errors)
    if status != 200:
        tell_lines(visit, lines, errors)
    return visit.page(
        CHECK_PAGE,
        status,
        service=service,
        lines=lines,
        told=told,
        department=await department_of(visit, told),
        kept=sealed.seal(visit.sealer),
    )
