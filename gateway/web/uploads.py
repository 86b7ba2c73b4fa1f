"""Photos and documents of a filing: each goes to the service at once, so that the filing only names it."""

from starlette.datastructures import UploadFile

from gateway.web.files import is_about_the_file, send_in
from gateway.web.forms.form import Form, told
from gateway.web.forms.writing import SentFile
from gateway.web.portal import RefusedError
from gateway.web.visit import Visit

FIELDS = ("photo", "files")
REMOVE = "remove"
MAX_BYTES = 40_000_000
"""Of a form: five photos as a phone takes them, where no script made them smaller."""


async def upload(visit: Visit, known: int, most: int) -> list[SentFile]:
    """Send the files of a form to the service; of a filing that has `known` files and may have `most`.

    Returns those that were taken, and says at the field what was not. Raises RefusedError.
    """
    chosen = [file for name, file in visit.form.files if name in FIELDS and file.filename]
    left = most - known
    sent, refusals = await _send(visit, chosen[:left])
    if len(chosen) > left:
        refusals.append(
            visit.words.count("At most %(n)s file can be sent.", "At most %(n)s files can be sent.", most),
        )
    if refusals:
        visit.form.wrong("files", " ".join(refusals))
    if chosen:
        visit.form.key = Form().key
    return sent


async def _send(visit: Visit, chosen: list[UploadFile]) -> tuple[list[SentFile], list[str]]:
    """Send files; what was taken, and words for what was not. Raises RefusedError."""
    sent, refusals = [], []
    for number, file in enumerate(chosen):
        try:
            answer = await send_in(visit, "/api/v1/attachments", file, f"{visit.form.key}-{number}")
            sent.append(SentFile.of(answer, _stem(file.filename or "")))
        except RefusedError as refused:
            if not is_about_the_file(refused):
                raise
            refusals.append(f"{file.filename}: {told(refused)}")
    return sent, refusals


def _stem(name: str) -> str:
    """A file's name without its extension, as the service keeps it."""
    return name.rpartition(".")[0] or name


def with_new(known: list[SentFile], sent: list[SentFile]) -> list[SentFile]:
    """The files with those that were sent, each once."""
    ids = {file.id for file in known}
    return [*known, *(file for file in sent if file.id not in ids)]
