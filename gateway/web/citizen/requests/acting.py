"""Taking a step with a request: each step has an address of its own with a form.

The API says in `actions` which steps are possible. A step that was taken before leads where it led the first time. If
somebody else was faster, the request is shown as it is now, with the typed text.
"""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from gateway.web.citizen.requests.holder import Holder, on_get, on_post
from gateway.web.citizen.requests.request import last, page_of, question_of
from gateway.web.citizen.requests.steps import ANSWER, APPEAL, OTHERS, TOLD_MORE, CitizenStep
from gateway.web.files import MAX_UPLOAD, is_file_problem
from gateway.web.forms.form import refusal_text
from gateway.web.forms.service import form_of_request
from gateway.web.portal import RefusedError

CONFLICT = 409
Request = Mapping[str, Any]


async def form_of(holder: Holder, step: CitizenStep, request: Request) -> Response:
    """The form of a step if it is possible, else the request as it is now. Raises RefusedError."""
    if step.name not in request.get("actions", ()):
        return await page_of(holder, request, passed=True)
    return holder.visit.page(
        f"citizen/requests/{step.name}.html",
        request=request,
        service=(await form_of_request(holder.visit.portal, request)).entry,
        holder=holder,
        question=question_of(request),
        reply=last(request, "resolve"),
    )


async def take(holder: Holder, step: CitizenStep) -> Response:
    """Take a step as the form says. Raises RefusedError."""
    form = holder.visit.form
    if not form.is_complete(**{name: holder.visit.say(message) for name, message in step.needs.items()}):
        return await again(holder, step)
    try:
        reply = await holder.act(step.name, step.body(form), form.key if step is APPEAL else "")
    except RefusedError as refused:
        return await refusal(holder, step, refused)
    return done(holder, step, reply.data)


async def refusal(holder: Holder, step: CitizenStep, refused: RefusedError) -> Response:
    """Show why the API refused a step. Raises RefusedError if that is not about the form."""
    if refused.status == CONFLICT:
        return await overtaken(holder, step, refused)
    if refused.status != 422:
        raise refused
    holder.visit.form.refuse(refused)
    return await again(holder, step)


async def again(holder: Holder, step: CitizenStep) -> Response:
    """The form with its errors, on the page where it was sent. Raises RefusedError."""
    request = (await holder.read()).data
    if holder.visit.path == holder.home:
        return await page_of(holder, request)
    return await form_of(holder, step, request)


async def overtaken(holder: Holder, step: CitizenStep, refused: RefusedError) -> Response:
    """The same step was taken before, or somebody else was faster. Raises RefusedError."""
    request, body = (await holder.read()).data, step.body(holder.visit.form)
    if step.was_taken(request, body):
        return done(holder, step, {**request, "number": request["appeal"] if step is APPEAL else request["number"]})
    return await page_of(holder, request, CONFLICT, refused=refused, typed=body.get(step.words, ""))


def done(holder: Holder, step: CitizenStep, request: Request) -> Response:
    """Go to the request, or to the appeal that the step filed."""
    visit = holder.visit
    if step is APPEAL and not holder.named:
        visit.session.remember(visit.session.keys, request["number"], holder.key)
    note = TOLD_MORE if step is ANSWER and request.get("merged_into") else step.note
    return visit.go(Holder(visit, request["number"], holder.key).home, visit.say(note))


@on_post("/answer", max_bytes=MAX_UPLOAD)
@on_post("", max_bytes=MAX_UPLOAD)
async def answer(holder: Holder) -> Response:
    """Answer the department's question; the file is uploaded first, so that both arrive. Raises RefusedError."""
    form = holder.visit.form
    file = form.file("file")
    if form.value("answer") and file is not None:
        try:
            await holder.add_file(file, form.key)
        except RefusedError as refused:
            if not is_file_problem(refused):
                return await refusal(holder, ANSWER, refused)
            form.add_error("file", refusal_text(refused))
    return await take(holder, ANSWER)


def add_pages(step: CitizenStep) -> None:
    """Add the pages of a step."""

    @on_get(f"/{step.name}")
    async def show_form(holder: Holder) -> Response:
        return await form_of(holder, step, (await holder.read()).data)

    if step is not ANSWER:

        @on_post(f"/{step.name}")
        async def take_step(holder: Holder) -> Response:
            return await take(holder, step)


for _step in (ANSWER, APPEAL, *OTHERS):
    add_pages(_step)
