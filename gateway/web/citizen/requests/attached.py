"""The files of a request: adding one, opening it, and removing it again."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from gateway.web.citizen.requests.holder import Holder, shown_at, taken_at
from gateway.web.citizen.requests.request import page_of
from gateway.web.files import is_file_problem
from gateway.web.forms.form import Form, refusal_text
from gateway.web.forms.service import form_of_request
from gateway.web.portal import RefusedError, segment
from gateway.web.uploads import DOCUMENT, MAX_BYTES, is_document

ADDING, REMOVING = "citizen/requests/add-file.html", "citizen/requests/remove-file.html"
FILE = "file"
GONE = 404


@shown_at("/files")
async def show(holder: Holder) -> Response:
    """The form for a file, with a field for each document of the service. Raises RefusedError."""
    request = (await holder.read()).data
    if not request.get("may_attach"):
        return await page_of(holder, request, passed=True)
    return await form_of(holder, request)


async def form_of(holder: Holder, request: Mapping[str, Any], status: int = 200) -> Response:
    """The form, with what is there already. Raises RefusedError."""
    documents = (await form_of_request(holder.visit.portal, request)).documents
    files = [file for file in request["attachments"] if file["kind"] == "attachment"]
    return holder.visit.page(
        ADDING, status, holder=holder, number=holder.number, documents=documents, files=files, request=request
    )


@taken_at("/files", max_bytes=MAX_BYTES)
async def add(holder: Holder) -> Response:
    """Add the files of the form, each on its own: what was taken stays. Raises RefusedError."""
    visit, form = holder.visit, holder.visit.form
    chosen = [(name, file) for name, file in form.files if file.filename and (name == FILE or is_document(name))]
    if not chosen:
        form.add_error(FILE, visit.say("Choose a photo or a PDF."))
    for number, (name, file) in enumerate(chosen):
        try:
            await holder.add_file(file, f"{form.key}-{number}", name.removeprefix(DOCUMENT) if name != FILE else "")
        except RefusedError as refused:
            if not is_file_problem(refused):
                raise
            form.add_error(name, refusal_text(refused))
    if not form.failed:
        return visit.go(holder.home, visit.words.count("The file was added.", "The files were added.", len(chosen)))
    form.key = Form().key
    return await form_of(holder, (await holder.read()).data, 422 if chosen else 200)


@shown_at("/files/{file}")
async def download(holder: Holder) -> Response:
    """A file, to be saved. Raises RefusedError."""
    return await holder.download(f"attachments/{segment(holder.visit.args['file'])}")


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
