"""The pages of a draft: each saves what was typed before anything else, so that nothing is lost whatever comes next."""

import time
from datetime import datetime

from starlette.responses import Response

from gateway.web.citizen.filing.asking import BACK, GO, LEAVE, QuestionPage, ask, tell
from gateway.web.citizen.filing.drafts import OpenDraft, open_draft, save
from gateway.web.citizen.room import room
from gateway.web.forms.steps import FormStep
from gateway.web.visit import Visit
from shared.errors import NotFoundError

CHECK, FILES, SIMILAR = "check", "files", "similar"
SAVED, CHANGED = 204, 409


@room.get("/apply/draft/{draft}")
async def resume(visit: Visit) -> Response:
    """Go on where something is still to be answered. Raises RefusedError."""
    draft = await open_draft(visit)
    wrong = draft.field_messages(visit)
    page: FormStep | None = next((step for step in draft.service.steps if step.fields & wrong.keys()), None)
    return visit.go(draft.at(page.number if page else CHECK))


@room.get("/apply/draft/{draft}/{step:int}")
async def show(visit: Visit) -> Response:
    """A page of questions, filled in as far as it was answered. Raises RefusedError, NotFoundError."""
    draft = await open_draft(visit)
    step = step_of(visit, draft)
    draft.written.fill(step, visit.form)
    if visit.query("mend") and not visit.form.submitted:
        tell(visit, step, draft.field_messages(visit))
    return await ask_of(visit, draft, step)


@room.post("/apply/draft/{draft}/{step:int}")
async def take(visit: Visit) -> Response:
    """Save a page, and go on, back, or away. Raises RefusedError, NotFoundError."""
    draft = await open_draft(visit)
    step, going = step_of(visit, draft), visit.form.value(GO)
    draft.written.take(step, visit.form)
    saved = await save(visit, draft, visit.form.value("revision"))
    if saved is None:
        return await changed_elsewhere(visit, draft, step)
    if going == LEAVE:
        return leave(visit, saved)
    if going == BACK:
        return visit.go(before(saved, step))
    if tell(visit, step, saved.field_messages(visit)):
        return await ask_of(visit, saved, step)
    return visit.go(saved.at(CHECK) if visit.form.value("return") == CHECK else after(saved, step))


@room.post("/apply/draft/{draft}/{step:int}/save")
async def keep(visit: Visit) -> Response:
    """Save a page while somebody types; the ETag is what the next saving has to name. Raises RefusedError."""
    draft = await open_draft(visit)
    draft.written.take(step_of(visit, draft), visit.form)
    saved = await save(visit, draft, visit.form.value("revision"))
    if saved is None:
        return Response(status_code=CHANGED)
    return Response(status_code=SAVED, headers={"ETag": saved.revision, "Cache-Control": "no-store"})


def step_of(visit: Visit, draft: OpenDraft) -> FormStep:
    """The page in the address. Raises NotFoundError."""
    step = draft.service.step(int(visit.args["step"][:3]))
    if step is None:
        raise NotFoundError
    return step


async def ask_of(visit: Visit, draft: OpenDraft, step: FormStep, status: int = 200) -> Response:
    """Show a page of a draft. Raises RefusedError."""
    back_to = visit.form.value("return") or visit.query("return")
    seen = visit.form.value("revision") if visit.form.show else ""
    hidden = {"revision": seen or draft.revision} | ({"return": CHECK} if back_to == CHECK else {})
    autosave = visit.url(f"{draft.at(step.number)}/save")
    return await ask(visit, QuestionPage(draft.service, step, hidden, autosave), status)


async def changed_elsewhere(visit: Visit, draft: OpenDraft, step: FormStep) -> Response:
    """Say that the draft was changed in another window, with what was typed here. Raises RefusedError."""
    visit.form.general_error = visit.say(
        "You changed this draft in another window or on another device. What you typed here is not saved yet. "
        "Look it over and press Continue to keep it."
    )
    return await ask_of(visit, draft, step, CHANGED)


def before(draft: OpenDraft, step: FormStep) -> str:
    """The page before; from the first one that of the service."""
    return draft.at(step.number - 1) if step.number > 1 else f"/services/{draft.service.code}"


def after(draft: OpenDraft, step: FormStep) -> str:
    """The page after."""
    if step.number < len(draft.service.steps):
        return draft.at(step.number + 1)
    return draft.at(FILES if draft.service.max_files else SIMILAR)


def leave(visit: Visit, draft: OpenDraft) -> Response:
    """Leave for now."""
    left = datetime.fromisoformat(draft.expires_at).timestamp() - time.time()
    note = visit.say("Saved. You find it here for %(span)s.", span=visit.words.span(max(0, left)))
    return visit.go("/my", note)
