"""Who learns the name: whether the department does, where the service leaves that to its citizen."""

from starlette.responses import Response

from gateway.web.citizen.filing.drafts import OpenDraft, open_draft, save
from gateway.web.citizen.filing.paging import CHANGED, CHECK
from gateway.web.citizen.room import room
from gateway.web.visit import Visit

PAGE = "citizen/filing/name.html"
FIELD, SHOWN, HIDDEN = "name", "shown", "hidden"


@room.get("/apply/draft/{draft}/name")
async def show(visit: Visit) -> Response:
    """The choice, as it stands. Raises RefusedError."""
    draft = await open_draft(visit)
    if draft.service.entry["confidential"] != "allowed":
        return visit.go(draft.at(CHECK))
    visit.form.prefill({FIELD: HIDDEN if draft.written.confidential else SHOWN})
    return page(visit, draft)


@room.post("/apply/draft/{draft}/name")
async def take(visit: Visit) -> Response:
    """Keep the choice. Raises RefusedError."""
    draft, chosen = await open_draft(visit), visit.form.value(FIELD)
    if chosen not in (SHOWN, HIDDEN):
        visit.form.add_error(FIELD, visit.say("Choose who learns your name"))
        return page(visit, draft)
    draft.written.confidential = chosen == HIDDEN
    if await save(visit, draft, draft.revision) is None:
        visit.form.general_error = visit.say("This draft is being changed in another window. Press the button again.")
        return page(visit, draft, CHANGED)
    return visit.go(draft.at(CHECK))


def page(visit: Visit, draft: OpenDraft, status: int = 200) -> Response:
    """Show the page."""
    return visit.page(PAGE, status, draft=draft, service=draft.service)
