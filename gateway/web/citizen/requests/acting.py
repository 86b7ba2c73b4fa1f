"""Taking a step with a request: each has an address of its own, a form there, and the page it leads to.

Which steps are possible the API says in `actions`. A step that was taken already leads where it led the first time;
when somebody else was faster, the request is shown as it stands now, with what was typed.
"""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from gateway.web.citizen.requests.holder import Holder, shown_at, taken_at
from gateway.web.citizen.requests.request import last, page_of, question_of
from gateway.web.citizen.requests.steps import ANSWER, APPEAL, OTHERS, TOLD_MORE, CitizenStep
from gateway.web.files import MAX_UPLOAD, is_file_problem
from gateway.web.forms.form import refusal_text
from gateway.web.forms.service import form_of_request
from gateway.web.portal import RefusedError

CONFLICT = 409
Request = Mapping[str, Any]


async def form_of(holder: Holder, step: CitizenStep, request: Request, status: int = 200) -> Response:
    """The form of a step, where the request allows it; else the request as it stands now. Raises RefusedError."""
    if step.name not in request.get("actions", ()):
        return await page_of(holder, request, passed=True)
    return holder.visit.page(
        f"citizen/requests/{step.name}.html",
        status,
        request=request,
        service=(await form_of_request(holder.visit.portal, request)).entry,
        holder=holder,
        question=question_of(request),
        reply=last(request, "resolve"),
    )


async def show(holder: Holder, step: CitizenStep) -> Response:
    """The form of a step. Raises RefusedError."""
    return await form_of(holder, step, (await holder.read()).data)


async def take(holder: Holder, step: CitizenStep) -> Response:
    """Take a step as the form says. Raises RefusedError."""
    form = holder.visit.form
    for name, words in step.lacks(form):
        form.add_error(name, holder.visit.say(words))
    if form.failed:
        return await again(holder, step, 422)
    try:
        reply = await holder.act(step.name, step.body(form), form.key if step is APPEAL else "")
    except RefusedError as refused:
        return await refusal(holder, step, refused)
    return done(holder, step, reply.data)


async def refusal(holder: Holder, step: CitizenStep, refused: RefusedError) -> Response:
    """What to show where the API refused a step. Raises RefusedError for what is not about the form."""
    if refused.status == CONFLICT:
        return await outpaced(holder, step, refused)
    if refused.status != 422:
        raise refused
    holder.visit.form.refuse(refused)
    return await again(holder, step, 422)


async def again(holder: Holder, step: CitizenStep, status: int) -> Response:
    """The form once more, where it was sent from. Raises RefusedError."""
    request = (await holder.read()).data
    if holder.visit.path == holder.home:
        return await page_of(holder, request, status)
    return await form_of(holder, step, request, status)


async def outpaced(holder: Holder, step: CitizenStep, refused: RefusedError) -> Response:
    """The same step was taken before, or somebody else was faster. Raises RefusedError."""
    request, body = (await holder.read()).data, step.body(holder.visit.form)
    if step.was_taken(request, body):
        return done(holder, step, {**request, "number": request["appeal"] if step is APPEAL else request["number"]})
    return await page_of(holder, request, CONFLICT, refused=refused, typed=body.get(step.words, ""))


def done(holder: Holder, step: CitizenStep, shown: Request) -> Response:
    """Lead to what the step led to: the request, or the appeal that it began."""
    visit = holder.visit
    if step is APPEAL and not holder.named:
        visit.session.remember(visit.session.keys, shown["number"], holder.key)
    note = TOLD_MORE if step is ANSWER and shown.get("merged_into") else step.note
    return visit.go(Holder(visit, shown["number"], holder.key).home, visit.say(note))


@shown_at("/answer")
async def show_answer(holder: Holder) -> Response:
    """The question, and the form for its answer. Raises RefusedError."""
    return await show(holder, ANSWER)


@taken_at("/answer", max_bytes=MAX_UPLOAD)
@taken_at("", max_bytes=MAX_UPLOAD)
async def answer(holder: Holder) -> Response:
    """Answer what the department asked; a file goes before it, so that both arrive. Raises RefusedError."""
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


def serve(step: CitizenStep) -> None:
    """Give a step its addresses."""

    @shown_at(f"/{step.name}")
    async def show_form(holder: Holder) -> Response:
        return await show(holder, step)

    @taken_at(f"/{step.name}")
    async def take_form(holder: Holder) -> Response:
        return await take(holder, step)


for _step in (APPEAL, *OTHERS):
    serve(_step)
