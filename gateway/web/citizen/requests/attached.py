"""The files of a request: adding one, opening it, and removing it again."""

from starlette.responses import Response

from gateway.web.citizen.requests.holder import Holder, shown_at, taken_at
from gateway.web.citizen.requests.request import page_of
from gateway.web.files import MOST_UPLOAD, is_about_the_file
from gateway.web.forms.form import told
from gateway.web.portal import RefusedError, segment

ADDING, REMOVING = "citizen/requests/add-file.html", "citizen/requests/remove-file.html"
GONE = 404


@shown_at("/files")
async def show(holder: Holder) -> Response:
    """The form for a file. Raises RefusedError."""
    request = (await holder.read()).data
    if not request.get("may_attach"):
        return await page_of(holder, request, passed=True)
    return holder.visit.page(ADDING, holder=holder, number=holder.number)


@taken_at("/files", most_bytes=MOST_UPLOAD)
async def add(holder: Holder) -> Response:
    """Add a file. Raises RefusedError."""
    visit = holder.visit
    if visit.form.file("file") is None:
        visit.form.wrong("file", visit.say("Choose a photo or a PDF."))
        return visit.page(ADDING, holder=holder, number=holder.number)
    try:
        await holder.add_file("file", visit.form.key)
    except RefusedError as refused:
        if not is_about_the_file(refused):
            raise
        visit.form.wrong("file", told(refused))
        return visit.page(ADDING, refused.status, holder=holder, number=holder.number)
    return visit.go(holder.home, visit.say("The file was added."))


@shown_at("/files/{file}")
async def give_out(holder: Holder) -> Response:
    """A file, to be saved. Raises RefusedError."""
    return await holder.give_out(f"attachments/{segment(holder.visit.args['file'])}")


@shown_at("/files/{file}/remove")
async def ask_removal(holder: Holder) -> Response:
    """Ask whether a file is to be removed."""
    return holder.visit.page(REMOVING, holder=holder, number=holder.number)


@taken_at("/files/{file}/remove")
async def remove(holder: Holder) -> Response:
    """Remove a file for good. Raises RefusedError."""
    visit = holder.visit
    try:
        await holder.remove_file(segment(visit.args["file"]))
    except RefusedError as refused:
        if refused.status != GONE:
            raise
    return visit.go(holder.home, visit.say("The file was removed."))
