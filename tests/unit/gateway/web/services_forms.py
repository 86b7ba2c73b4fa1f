"""The services of the catalogue, with valid answers for each."""

from pathlib import Path

from gateway.web.forms.steps import ServiceForm
from services.requests.catalogue.files import read_entries
from services.requests.settings import RequestsSettings
from tests.unit.requests.samples import SAMPLES

FOLDER: Path = RequestsSettings.model_fields["catalogue_dir"].default
ENTRIES = read_entries(FOLDER)
FORMS = {
    code: ServiceForm.of({**entry.model_dump(exclude_none=True), "version": 1, "retired": False})
    for code, entry in ENTRIES.items()
}
__all__ = ["ENTRIES", "FOLDER", "FORMS", "SAMPLES"]
