"""The pages of a draft: its questions, whether the department sees the name, and possible duplicates.

Each page of questions first saves the typed text, so that nothing is lost whatever comes next.
"""

import time
from datetime import datetime

from starlette.responses import Response

from gateway.web.citizen.filing.drafts import (
    CHANGED,
    CHECK,
    FILES,
    SIMILAR,
    OpenDraft,
    open_draft,
    returns_to_check,
    save,
)
from gateway.web.citizen.filing.questions import BACK, GO, LEAVE, QuestionPage, add_step_errors, ask
from gateway.web.citizen.room import room
from gateway.web.forms.service import similar_to
from gateway.web.forms.steps import FormStep
from gateway.web.portal import segment
from gateway.web.visit import Visit
from shared.errors import NotFoundError

FOLLOW = "follow"
NAME, SHOWN, HIDDEN = "name", "shown", "hidden"


@room.get("/apply/draft/{draft}")
async def resume(visit: Visit) -> Response:
    """Go to the first page with a missing or wrong answer. Raises RefusedError."""
    draft = await open_draft(visit)
    wrong = draft.messages(visit)
    step = next((step for step in draft.service.steps if step.fields & wrong.keys()), None)
    return visit.go(draft.at(step.number if step else CHECK))


@room.get("/apply/draft/{draft}/{step:int}")
async def show(visit: Visit) -> Response:
    """A page of questions, with the answers so far. Raises RefusedError, NotFoundError."""
    draft = await open_draft(visit)
    step = step_of(visit, draft)
    draft.written.fill(step, visit.form)
    if visit.query("mend") and not visit.form.submitted:
        add_step_errors(visit, step, draft.messages(visit))
    return await ask_of(visit, draft, step)


@room.post("/apply/draft/{draft}/{step:int}")
async def submit(visit: Visit) -> Response:
    """Save a page, and go on, back, or away. Raises RefusedError, NotFoundError."""
    draft = await open_draft(visit)
    step, button = step_of(visit, draft), visit.form.value(GO)
    draft.written.take(step, visit.form)
    saved = await save(visit, draft, visit.form.value("revision"))
    if saved is None:
        return await changed_elsewhere(visit, draft, step)
    if button == LEAVE:
        return leave(visit, saved)
    if button == BACK:
        return visit.go(before(saved, step))
    if add_step_errors(visit, step, saved.messages(visit)):
        return await ask_of(visit, saved, step)
    return visit.go(saved.at(CHECK) if returns_to_check(visit) else after(saved, step))


@room.post("/apply/draft/{draft}/{step:int}/save")
async def autosave(visit: Visit) -> Response:
    """Save a page while the citizen types; the next save must name the ETag. Raises RefusedError."""
    draft = await open_draft(visit)
    draft.written.take(step_of(visit, draft), visit.form)
    saved = await save(visit, draft, visit.form.value("revision"))
    if saved is None:
        return Response(status_code=CHANGED)
    return Response(status_code=204, headers={"ETag": saved.revision, "Cache-Control": "no-store"})


def step_of(visit: Visit, draft: OpenDraft) -> FormStep:
    """The page in the address. Raises NotFoundError."""
    step = draft.service.step(int(visit.args["step"][:3]))
    if step is None:
        raise NotFoundError
    return step


async def ask_of(visit: Visit, draft: OpenDraft, step: FormStep, status: int = 200) -> Response:
    """Show a page of a draft. Raises RefusedError."""
    seen = visit.form.value("revision") if visit.form.show else ""
    hidden = {"revision": seen or draft.revision} | ({"return": CHECK} if returns_to_check(visit) else {})
    return await ask(
        visit, QuestionPage(draft.service, step, hidden, visit.url(f"{draft.at(step.number)}/save")), status
    )


async def changed_elsewhere(visit: Visit, draft: OpenDraft, step: FormStep) -> Response:
    """Say that the draft was changed in another window; the typed text stays. Raises RefusedError."""
    visit.form.general_error = visit.say(
        "You changed this draft in another window or on another device. What you typed here is not saved yet. "
        "Look it over and press Continue to keep it."
    )
    return await ask_of(visit, draft, step, CHANGED)


def before(draft: OpenDraft, step: FormStep) -> str:
    """The page before; before the first one, that of the service."""
    return draft.at(step.number - 1) if step.number > 1 else f"/services/{draft.service.code}"


def after(draft: OpenDraft, step: FormStep) -> str:
    """The next page."""
    if step.number < len(draft.service.steps):
        return draft.at(step.number + 1)
    return draft.at(FILES if draft.service.max_files else SIMILAR)


def leave(visit: Visit, draft: OpenDraft) -> Response:
    """Leave the draft for now."""
    left = datetime.fromisoformat(draft.expires_at).timestamp() - time.time()
    note = visit.say("Saved. You find it here for %(span)s.", span=visit.words.span(max(0, left)))
    return visit.go("/my", note)


@room.get("/apply/draft/{draft}/name")
async def show_name(visit: Visit) -> Response:
    """The choice whether the department sees the name. Raises RefusedError."""
    draft = await open_draft(visit)
    if draft.service.entry["confidential"] != "allowed":
        return visit.go(draft.at(CHECK))
    visit.form.prefill({NAME: HIDDEN if draft.written.confidential else SHOWN})
    return name_page(visit, draft)


@room.post("/apply/draft/{draft}/name")
async def choose_name(visit: Visit) -> Response:
    """Save the choice. Raises RefusedError."""
    draft, chosen = await open_draft(visit), visit.form.value(NAME)
    if chosen not in (SHOWN, HIDDEN):
        visit.form.add_error(NAME, visit.say("Choose who learns your name"))
        return name_page(visit, draft)
    draft.written.confidential = chosen == HIDDEN
    if await save(visit, draft) is None:
        words = visit.say("This draft is being changed in another window. Press the button again.")
        visit.form.general_error = words
        return name_page(visit, draft, CHANGED)
    return visit.go(draft.at(CHECK))


def name_page(visit: Visit, draft: OpenDraft, status: int = 200) -> Response:
    """Show the choice."""
    return visit.page("citizen/filing/name.html", status, draft=draft, service=draft.service)


@room.get("/apply/draft/{draft}/similar")
async def show_similar(visit: Visit) -> Response:
    """Possible duplicates; if there are none, the check of all answers. Raises RefusedError."""
    draft = await open_draft(visit)
    found = [] if draft.errors else await similar_to(visit.portal, draft.written)
    if not found:
        return visit.go(draft.at(CHECK))
    return visit.page("citizen/filing/similar.html", draft=draft, service=draft.service, found=found)


@room.post("/apply/draft/{draft}/similar")
async def follow_or_go_on(visit: Visit) -> Response:
    """Follow the chosen request instead of filing, or go on. Raises RefusedError."""
    if not visit.form.value(FOLLOW):
        return visit.go((await open_draft(visit)).at(CHECK))
    await visit.portal.call("PUT", f"/api/v1/requests/{segment(visit.form.value(FOLLOW))}/follow")
    note = visit.say("You follow this request now: we tell you about every step. What you wrote is kept as a draft.")
    return visit.go("/my/followed", note)
