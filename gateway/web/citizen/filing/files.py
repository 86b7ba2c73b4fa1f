"""Photos and documents of a draft: each is sent on at once, so that the draft only names it."""

from collections.abc import Callable

from starlette.responses import Response

from gateway.web.citizen.filing.asking import GO
from gateway.web.citizen.filing.drafts import OpenDraft, open_draft, save
from gateway.web.citizen.filing.paging import CHANGED, CHECK, SIMILAR, leave
from gateway.web.citizen.room import room
from gateway.web.forms.writing import SentFile
from gateway.web.portal import RefusedError
from gateway.web.uploads import MAX_BYTES, REMOVE, upload, with_new
from gateway.web.visit import Visit
from shared.changing import attempts

PAGE = "citizen/filing/files.html"
Change = Callable[[list[SentFile]], list[SentFile]]


@room.get("/apply/draft/{draft}/files")
async def show(visit: Visit) -> Response:
    """What was sent so far, and room for more. Raises RefusedError."""
    draft = await open_draft(visit)
    if any(error["pointer"].startswith("/attachments/") for error in draft.errors):
        visit.form.add_error("files", visit.say("A file is kept for one day only. One is gone: choose it again."))
    return page(visit, draft)


@room.post("/apply/draft/{draft}/files", max_bytes=MAX_BYTES)
async def take(visit: Visit) -> Response:
    """Send files on, remove one, or go on. Raises RefusedError."""
    draft, form = await open_draft(visit), visit.form
    if form.value(REMOVE):
        return await removed(visit, draft, form.value(REMOVE))
    sent = await upload(visit, draft.service, len(draft.written.files))
    if sent:
        draft = await changed(visit, lambda old: with_new(old, sent))
    if form.failed:
        return page(visit, draft)
    return go_on(visit, draft, added=bool(sent))


def go_on(visit: Visit, draft: OpenDraft, *, added: bool) -> Response:
    """Where the button leads that was pressed."""
    match visit.form.value(GO):
        case "add":
            return visit.go(draft.at("files"), visit.say("Added.") if added else "", **returning(visit))
        case "leave":
            return leave(visit, draft)
        case "back":
            return visit.go(draft.at(len(draft.service.steps)))
    return visit.go(draft.at(CHECK if visit.form.value("return") == CHECK else SIMILAR))


def page(visit: Visit, draft: OpenDraft, status: int = 200) -> Response:
    """Show the page."""
    back_to = visit.form.value("return") or visit.query("return")
    return visit.page(
        PAGE,
        status,
        draft=draft,
        service=draft.service,
        files=draft.written.files,
        back_to=back_to if back_to == CHECK else "",
    )


def returning(visit: Visit) -> dict[str, str]:
    """What the address of the page has to say besides, for somebody who came from checking the answers."""
    return {"return": CHECK} if visit.form.value("return") == CHECK else {}


async def changed(visit: Visit, change: Change) -> OpenDraft:
    """Change which files the draft names, whoever else writes on it meanwhile. Raises RefusedError."""
    async for _ in attempts():
        draft = await open_draft(visit)
        draft.written.files = change(draft.written.files)
        saved = await save(visit, draft, draft.revision)
        if saved is not None:
            return saved
    raise RefusedError(
        CHANGED, "draft-changed", visit.say("This draft is being changed in another window"), visit.say("Try again.")
    )


async def removed(visit: Visit, draft: OpenDraft, file: str) -> Response:
    """Leave a file out again. Raises RefusedError."""
    await changed(visit, lambda old: [one for one in old if one.id != file])
    return visit.go(draft.at("files"), visit.say("Removed."), **returning(visit))
