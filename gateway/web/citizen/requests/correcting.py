"""Correcting the answers after verification: first those that a failed rule is about, below them all others."""

from collections.abc import Iterator, Mapping
from typing import Any

from starlette.responses import Response

from gateway.web.citizen.requests.acting import CONFLICT, overtaken
from gateway.web.citizen.requests.holder import Holder, on_get, on_post
from gateway.web.citizen.requests.request import page_of
from gateway.web.citizen.requests.steps import CitizenStep
from gateway.web.forms.answers import fields_of_answers, read_answer
from gateway.web.forms.errors import field_messages
from gateway.web.forms.service import form_of_request
from gateway.web.forms.steps import ServiceForm
from gateway.web.portal import RefusedError
from gateway.web.words import _

CORRECT = CitizenStep(
    "correct", _("Thank you. We checked your answers again. They meet the conditions now."), lambda _form: {}, once=True
)
STILL = _("Your answers were checked again. Something is still to be corrected.")
Request = Mapping[str, Any]


@on_get("/correct")
async def show(holder: Holder) -> Response:
    """The form with all answers. Raises RefusedError."""
    request = (await holder.read()).data
    return await form_of(holder, request, await form_of_request(holder.visit.portal, request))


async def form_of(holder: Holder, request: Request, service: ServiceForm) -> Response:
    """The form, filled in. Raises RefusedError."""
    if CORRECT.name not in request.get("actions", ()):
        return await page_of(holder, request, passed=True)
    form = holder.visit.form
    form.prefill(fields_of_answers(service.questions, request["answers"]))
    failed = failed_answers(request, service)
    return holder.visit.page(
        "citizen/requests/correct.html",
        request=request,
        service=service.entry,
        holder=holder,
        first=[question for question in service.questions if question.name in failed],
        others=(others := [question for question in service.questions if question.name not in failed]),
        is_open=not failed or any(question.field in form.errors for question in others),
    )


def failed_answers(request: Request, service: ServiceForm) -> set[str]:
    """The answers that the failed rules are about."""
    failed = {check["code"] for check in request["checks"] if not check["passed"]}
    rules = [rule["requires"] for rule in service.entry.get("eligibility", ()) if rule["code"] in failed]
    return {name for rule in rules for name in named_in(rule)} & {question.name for question in service.questions}


def named_in(schema: Any) -> Iterator[str]:
    """The names of all members in a schema."""
    if isinstance(schema, Mapping):
        for keyword, value in schema.items():
            yield from value if keyword in ("properties", "required") else ()
            yield from named_in(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from named_in(value)


@on_post("/correct")
async def correct(holder: Holder) -> Response:
    """Have the corrected answers checked. Raises RefusedError."""
    visit = holder.visit
    request = (await holder.read()).data
    service = await form_of_request(visit.portal, request)
    given = {question.name: read_answer(question, visit.form) for question in service.questions}
    answers = {name: answer for name, answer in given.items() if answer is not None}
    try:
        checked = (await holder.act(CORRECT.name, {"answers": answers})).data
    except RefusedError as refused:
        if refused.status == CONFLICT:
            return await overtaken(holder, CORRECT, refused)
        if refused.status != 422:
            raise
        for field, words in field_messages(refused.errors, service, answers, visit.words).items():
            visit.form.add_error(field, words)
        return await form_of(holder, request, service)
    return visit.go(holder.home, visit.say(STILL if CORRECT.name in checked["actions"] else CORRECT.note))
