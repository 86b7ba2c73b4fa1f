"""The files of a request: adding, downloading, and removing them."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from gateway.web.citizen.requests.holder import Holder, on_get, on_post
from gateway.web.citizen.requests.request import page_of
from gateway.web.files import is_file_problem
from gateway.web.forms.form import Form, refusal_text
from gateway.web.forms.service import form_of_request
from gateway.web.portal import RefusedError, not_found, or_else, segment
from gateway.web.uploads import DOCUMENT, MAX_BYTES, is_document

FILE = "file"


@on_get("/files")
async def show(holder: Holder) -> Response:
    """The form for a file, with a field for each document of the service. Raises RefusedError."""
    request = (await holder.read()).data
    if not request.get("may_attach"):
        return await page_of(holder, request, passed=True)
    return await form_of(holder, request)


async def form_of(holder: Holder, request: Mapping[str, Any]) -> Response:
    """The form, with the present files. Raises RefusedError."""
    documents = (await form_of_request(holder.visit.portal, request)).documents
    files = [file for file in request["attachments"] if file["kind"] == "attachment"]
    return holder.visit.page(
        "citizen/requests/add-file.html",
        holder=holder,
        number=holder.number,
        documents=documents,
        files=files,
        request=request,
    )


@on_post("/files", max_bytes=MAX_BYTES)
async def add(holder: Holder) -> Response:
    """Add the files of the form one by one; those that were accepted stay. Raises RefusedError."""
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
    return await form_of(holder, (await holder.read()).data)


@on_get("/files/{file}")
async def download(holder: Holder) -> Response:
    """A file, to be saved. Raises RefusedError."""
    return await holder.download(f"attachments/{segment(holder.visit.args['file'])}")


@on_get("/files/{file}/remove")
async def confirm_removal(holder: Holder) -> Response:
    """Ask whether the file is to be removed."""
    return holder.visit.page("citizen/requests/remove-file.html", holder=holder, number=holder.number)


@on_post("/files/{file}/remove")
async def remove(holder: Holder) -> Response:
    """Remove a file for good. Raises RefusedError."""
    visit = holder.visit
    path = f"{holder.api}/attachments/{segment(visit.args['file'])}"
    await or_else(None, visit.portal.call("DELETE", path, headers=holder.headers), not_found)
    return visit.go(holder.home, visit.say("The file was removed."))
