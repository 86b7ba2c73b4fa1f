"""Photos and documents of a draft: each is sent on at once, so that the draft only names it."""

from collections.abc import Callable

from starlette.datastructures import UploadFile
from starlette.responses import Response

from gateway.web import files
from gateway.web.citizen.filing.asking import GO
from gateway.web.citizen.filing.drafts import TURNS, Draft, open_draft, save
from gateway.web.citizen.filing.paging import CHANGED, CHECK, SIMILAR, leave
from gateway.web.citizen.room import room
from gateway.web.forms import Form
from gateway.web.forms.form import told
from gateway.web.forms.writing import SentFile
from gateway.web.portal import RefusedError
from gateway.web.visit import Visit

PAGE = "citizen/filing/files.html"
UPLOAD = "/api/v1/attachments"
FIELDS = ("photo", "files")
MOST_BYTES = 40_000_000
"""Of a form: five photos as a phone takes them, where no script made them smaller."""
REMOVE = "remove"
ABOUT_A_FILE = (400, 408, 413, 415, 422)
"""How the service answers for one file; whatever else it answers is no fault of a file."""
Change = Callable[[list[SentFile]], list[SentFile]]


@room.get("/apply/draft/{draft}/files")
async def show(visit: Visit) -> Response:
    """What was sent so far, and room for more. Raises RefusedError."""
    draft = await open_draft(visit)
    if any(error["pointer"].startswith("/attachments/") for error in draft.errors):
        visit.form.wrong("files", visit.say("A file is kept for one day only. One is gone: choose it again."))
    return page(visit, draft)


@room.post("/apply/draft/{draft}/files", most_bytes=MOST_BYTES)
async def take(visit: Visit) -> Response:
    """Send files on, remove one, or go on. Raises RefusedError."""
    draft, form = await open_draft(visit), visit.form
    if form.value(REMOVE):
        return await removed(visit, draft, form.value(REMOVE))
    chosen = chosen_in(form)
    room_left = draft.service.most_files - len(draft.written.files)
    sent = await sent_on(visit, chosen[:room_left])
    if sent:
        draft = await changed(visit, lambda old: with_new(old, sent))
    if len(chosen) > room_left:
        most = draft.service.most_files
        told_most = visit.words.count("At most %(n)s file can be sent.", "At most %(n)s files can be sent.", most)
        form.wrong("files", told_most)
    if form.failed:
        form.key = Form().key
        return page(visit, draft)
    return go_on(visit, draft, added=bool(sent))


def go_on(visit: Visit, draft: Draft, *, added: bool) -> Response:
    """Where the button leads that was pressed."""
    match visit.form.value(GO):
        case "add":
            return visit.go(draft.at("files"), visit.say("Added.") if added else "", **returning(visit))
        case "leave":
            return leave(visit, draft)
        case "back":
            return visit.go(draft.at(len(draft.service.steps)))
    return visit.go(draft.at(CHECK if visit.form.value("return") == CHECK else SIMILAR))


def page(visit: Visit, draft: Draft, status: int = 200) -> Response:
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


def chosen_in(form: Form) -> list[UploadFile]:
    """The files that were chosen; a browser sends an empty one for a field without any."""
    return [file for name, file in form.files if name in FIELDS and file.filename]


async def sent_on(visit: Visit, chosen: list[UploadFile]) -> list[SentFile]:
    """Send the files to the service; what it does not take is told by the file's name. Raises RefusedError."""
    sent, refusals = [], []
    for number, file in enumerate(chosen):
        try:
            answer = await files.send_in(visit, UPLOAD, file, f"{visit.form.key}-{number}")
            sent.append(SentFile.of(answer, stem(file.filename or "")))
        except RefusedError as refused:
            if refused.status not in ABOUT_A_FILE and refused.code != "file-quota":
                raise
            refusals.append(f"{file.filename}: {told(refused)}")
    if refusals:
        visit.form.wrong("files", " ".join(refusals))
    return sent


def stem(name: str) -> str:
    """A file's name without its extension, as the service keeps it."""
    return name.rpartition(".")[0] or name


def with_new(old: list[SentFile], sent: list[SentFile]) -> list[SentFile]:
    """The files with those that were sent, each once."""
    known = {file.id for file in old}
    return [*old, *(file for file in sent if file.id not in known)]


async def changed(visit: Visit, change: Change) -> Draft:
    """Change which files the draft names, whoever else writes on it meanwhile. Raises RefusedError."""
    for _ in range(TURNS):
        draft = await open_draft(visit)
        draft.written.files = change(draft.written.files)
        saved = await save(visit, draft, draft.revision)
        if saved is not None:
            return saved
    raise RefusedError(
        CHANGED, "draft-changed", visit.say("This draft is being changed in another window"), visit.say("Try again.")
    )


async def removed(visit: Visit, draft: Draft, file: str) -> Response:
    """Leave a file out again. Raises RefusedError."""
    await changed(visit, lambda old: [one for one in old if one.id != file])
    return visit.go(draft.at("files"), visit.say("Removed."), **returning(visit))
