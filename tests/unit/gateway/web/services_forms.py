"""The services of the catalogue as the pages get them, with answers that each of them takes."""

import json
from pathlib import Path
from typing import Any

from gateway.web.forms.steps import ServiceForm
from services.requests.models.catalogue import read_entries
from services.requests.settings import RequestsSettings

FOLDER: Path = RequestsSettings.model_fields["catalogue_dir"].default
ENTRIES = read_entries(FOLDER)
FORMS = {
    code: ServiceForm.of({**entry.model_dump(exclude_none=True), "version": 1, "retired": False})
    for code, entry in ENTRIES.items()
}
SAMPLES: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "requests" / "catalogue_samples.json").read_text(encoding="utf-8")
)
