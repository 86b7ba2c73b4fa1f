"""Photos and documents of a draft: each is uploaded at once, so that the draft only names it."""

from collections.abc import Callable

from starlette.responses import Response

from gateway.web.citizen.filing.drafts import CHANGED, CHECK, SIMILAR, OpenDraft, open_draft, returns_to_check, save
from gateway.web.citizen.filing.paging import leave
from gateway.web.citizen.filing.questions import BACK, GO, LEAVE
from gateway.web.citizen.room import room
from gateway.web.forms.writing import SentFile
from gateway.web.portal import RefusedError
from gateway.web.uploads import MAX_BYTES, REMOVE, upload, with_new
from gateway.web.visit import Visit
from shared.changing import attempts

Change = Callable[[list[SentFile]], list[SentFile]]


@room.get("/apply/draft/{draft}/files")
async def show(visit: Visit) -> Response:
    """The uploaded files, and the form for more. Raises RefusedError."""
    draft = await open_draft(visit)
    if any(error["pointer"].startswith("/attachments/") for error in draft.errors):
        visit.form.add_error("files", visit.say("A file is kept for one day only. One is gone: choose it again."))
    return page(visit, draft)


@room.post("/apply/draft/{draft}/files", max_bytes=MAX_BYTES)
async def submit(visit: Visit) -> Response:
    """Upload files, remove one, or go on. Raises RefusedError."""
    draft, form = await open_draft(visit), visit.form
    file = form.value(REMOVE)
    if file:
        await change_files(visit, lambda old: [one for one in old if one.id != file])
        return visit.go(draft.at("files"), visit.say("Removed."), **returning(visit))
    sent = await upload(visit, draft.service, len(draft.written.files))
    if sent:
        draft = await change_files(visit, lambda old: with_new(old, sent))
    if form.failed:
        return page(visit, draft)
    return go_on(visit, draft, added=bool(sent))


def go_on(visit: Visit, draft: OpenDraft, *, added: bool) -> Response:
    """Go where the pressed button leads."""
    button = visit.form.value(GO)
    if button == "add":
        return visit.go(draft.at("files"), visit.say("Added.") if added else "", **returning(visit))
    if button == LEAVE:
        return leave(visit, draft)
    if button == BACK:
        return visit.go(draft.at(len(draft.service.steps)))
    return visit.go(draft.at(CHECK if returns_to_check(visit) else SIMILAR))


def page(visit: Visit, draft: OpenDraft) -> Response:
    """Show the page."""
    return visit.page(
        "citizen/filing/files.html",
        draft=draft,
        service=draft.service,
        files=draft.written.files,
        back_to=CHECK if returns_to_check(visit) else "",
    )


def returning(visit: Visit) -> dict[str, str]:
    """The query of the page's address, for a citizen who came from the check of all answers."""
    return {"return": CHECK} if returns_to_check(visit) else {}


async def change_files(visit: Visit, change: Change) -> OpenDraft:
    """Change the files of the draft, also if it is changed elsewhere at the same time. Raises RefusedError."""
    async for _ in attempts():
        draft = await open_draft(visit)
        draft.written.files = change(draft.written.files)
        saved = await save(visit, draft)
        if saved is not None:
            return saved
    raise RefusedError(
        CHANGED, "draft-changed", visit.say("This draft is being changed in another window"), visit.say("Try again.")
    )
