"""Photos and documents of a filing: each is uploaded at once, so that the filing only names it.

A document that the service requests has a field of its own, `document.<code>`; all other files come from the two
fields that every page has.
"""

import re

from starlette.datastructures import UploadFile

from gateway.streaming import MAX_FILE
from gateway.web.files import is_file_problem, upload_file
from gateway.web.forms.form import Form, refusal_text
from gateway.web.forms.steps import ServiceForm
from gateway.web.forms.writing import SentFile
from gateway.web.portal import RefusedError
from gateway.web.visit import Visit

FIELDS = ("photo", "files")
DOCUMENT = "document."
CODE = re.compile(r"document\.[a-z0-9-]{1,60}")
REMOVE = "remove"
MAX_BYTES = 8 * MAX_FILE
"""Bytes of a form with eight photos of a phone that no script has made smaller."""


async def upload(visit: Visit, service: ServiceForm, known: int) -> list[SentFile]:
    """Upload the files of a form, for a filing that has `known` files already; returns those that were accepted.

    A file that was not accepted becomes an error of its field. Raises RefusedError.
    """
    chosen = chosen_files(visit.form, service)
    left = service.max_files - known
    sent = [file for number, one in enumerate(chosen[:left]) if (file := await _send(visit, *one, number))]
    for field, _ in chosen[left:]:
        words = visit.words.count(
            "At most %(n)s file can be sent.", "At most %(n)s files can be sent.", service.max_files
        )
        visit.form.add_error(field, words)
    if chosen:
        visit.form.key = Form().key
    return sent


def chosen_files(form: Form, service: ServiceForm) -> list[tuple[str, UploadFile]]:
    """The chosen files, each with the field that shows its error."""
    names = {DOCUMENT + document["code"] for document in service.documents}
    chosen = [(name if name in names else FIELDS[-1], file) for name, file in form.files if name in {*FIELDS, *names}]
    return [(name, file) for name, file in chosen if file.filename]


async def _send(visit: Visit, field: str, file: UploadFile, number: int) -> SentFile | None:
    """Upload a file; None, and an error of its field, if another file would be accepted. Raises RefusedError."""
    code = field.removeprefix(DOCUMENT) if field.startswith(DOCUMENT) else ""
    try:
        path = attachment_path("/api/v1/attachments", code)
        answer = await upload_file(visit, path, file, f"{visit.form.key}-{number}")
    except RefusedError as refused:
        if not is_file_problem(refused):
            raise
        words = f"{file.filename}: {refusal_text(refused)}"
        before = visit.form.errors.get(field)
        visit.form.errors[field] = f"{before} {words}" if before else words
        return None
    name = file.filename or ""
    return SentFile.of(answer, name.rpartition(".")[0] or name)


def is_document(name: str) -> bool:
    """Whether a field is the field of a document."""
    return CODE.fullmatch(name) is not None


def attachment_path(path: str, code: str) -> str:
    """The address for uploading a document, or any other file if `code` is empty."""
    return f"{path}?document={code}" if code else path


def with_new(known: list[SentFile], sent: list[SentFile]) -> list[SentFile]:
    """The known and the uploaded files, each once."""
    ids = {file.id for file in known}
    return [*known, *(file for file in sent if file.id not in ids)]
