"""Photos and documents of a filing: each goes to the service at once, so that the filing only names it.

A document that the service asks for by name has a field of its own, `document.<code>`; everything else goes into one
of two fields that all pages have.
"""

import re

from starlette.datastructures import UploadFile

from gateway.streaming import MAX_FILE
from gateway.web.files import is_about_the_file, send_in
from gateway.web.forms.form import Form, told
from gateway.web.forms.steps import ServiceForm
from gateway.web.forms.writing import SentFile
from gateway.web.portal import RefusedError
from gateway.web.visit import Visit

FIELDS = ("photo", "files")
DOCUMENT = "document."
CODE = re.compile(r"document\.[a-z0-9-]{1,60}")
REMOVE = "remove"
MAX_BYTES = 8 * MAX_FILE
"""The size of a form with eight photos as a phone takes them, where no script made them smaller."""


async def upload(visit: Visit, service: ServiceForm, known: int) -> list[SentFile]:
    """Send the files of a form to the service, for a filing that has `known` files already.

    Returns those that were taken, and says at its field what was not. Raises RefusedError.
    """
    chosen = chosen_in(visit.form, service)
    left = service.most_files - known
    sent = [file for number, one in enumerate(chosen[:left]) if (file := await _send(visit, *one, number))]
    for field, _ in chosen[left:]:
        words = visit.words.count(
            "At most %(n)s file can be sent.", "At most %(n)s files can be sent.", service.most_files
        )
        visit.form.wrong(field, words)
    if chosen:
        visit.form.key = Form().key
    return sent


def chosen_in(form: Form, service: ServiceForm) -> list[tuple[str, UploadFile]]:
    """The files that were chosen, each with the name under which the page tells of it."""
    names = {DOCUMENT + document["code"] for document in service.documents}
    chosen = [(name if name in names else FIELDS[-1], file) for name, file in form.files if name in {*FIELDS, *names}]
    return [(name, file) for name, file in chosen if file.filename]


async def _send(visit: Visit, field: str, file: UploadFile, number: int) -> SentFile | None:
    """Send a file; None where another would be taken, which is said at its field. Raises RefusedError."""
    code = field.removeprefix(DOCUMENT) if field.startswith(DOCUMENT) else ""
    try:
        answer = await send_in(visit, address_of("/api/v1/attachments", code), file, f"{visit.form.key}-{number}")
    except RefusedError as refused:
        if not is_about_the_file(refused):
            raise
        visit.form.errors[field] = " ".join([*_said(visit.form, field), f"{file.filename}: {told(refused)}"])
        return None
    return SentFile.of(answer, _stem(file.filename or ""))


def is_document(name: str) -> bool:
    """Whether a field has the name of a document's field; the service says which documents there are."""
    return CODE.fullmatch(name) is not None


def address_of(path: str, code: str) -> str:
    """The address that takes a file as a document of the charter, or as any file where there is no code."""
    return f"{path}?document={code}" if code else path


def _said(form: Form, field: str) -> list[str]:
    return [form.errors[field]] if field in form.errors else []


def _stem(name: str) -> str:
    """A file's name without its extension, as the service keeps it."""
    return name.rpartition(".")[0] or name


def with_new(known: list[SentFile], sent: list[SentFile]) -> list[SentFile]:
    """The files with those that were sent, each once."""
    ids = {file.id for file in known}
    return [*known, *(file for file in sent if file.id not in ids)]
