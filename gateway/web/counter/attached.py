"""Papers that a citizen brings: scanned or photographed at the counter, and sent on before the filing names them."""

from starlette.datastructures import UploadFile

from gateway.web import files
from gateway.web.forms.form import Form, told
from gateway.web.forms.steps import ServiceForm
from gateway.web.forms.writing import SentFile, Written
from gateway.web.portal import RefusedError
from gateway.web.visit import Visit

FIELD, REMOVE = "files", "remove"
MOST_BYTES = 40_000_000
ABOUT_A_FILE = (400, 408, 413, 415, 422)
"""How the service answers for one file; whatever else it answers is no fault of a file."""


async def take(visit: Visit, service: ServiceForm, written: Written) -> None:
    """Send the chosen files on, as many as the service takes, and forget the one to remove. Raises RefusedError."""
    gone = visit.form.value(REMOVE)
    written.files = [file for file in written.files if file.id != gone]
    chosen = [file for name, file in visit.form.files if name == FIELD and file.filename]
    left = service.most_files - len(written.files)
    if len(chosen) > left:
        most = visit.words.count(
            "At most %(n)s file can be sent.", "At most %(n)s files can be sent.", service.most_files
        )
        visit.form.wrong(FIELD, most)
    for number, file in enumerate(chosen[:left]):
        await _send(visit, written, file, f"{visit.form.key}-{number}")
    if chosen:
        visit.form.key = Form().key


async def _send(visit: Visit, written: Written, file: UploadFile, key: str) -> None:
    try:
        answer = await files.send_in(visit, "/api/v1/attachments", file, key)
    except RefusedError as refused:
        if refused.status not in ABOUT_A_FILE and refused.code != "file-quota":
            raise
        visit.form.wrong(FIELD, f"{file.filename}: {told(refused)}")
        return
    name = file.filename or ""
    written.files.append(SentFile.of(answer, name.rpartition(".")[0] or name))
