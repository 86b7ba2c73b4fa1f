"""Sample answers for each service: some that pass, and for each rule changes that fail only that rule.

The dates in the file are for a filing on `WRITTEN_ON`; they are moved to the same distance from today.
"""

import json
from datetime import date
from pathlib import Path
from typing import Any

from services.requests.catalogue.models.dates import day_of, read_day
from shared.clock import utc_now

WRITTEN_ON = date(2026, 11, 29)
TODAY = day_of(utc_now())


def _moved(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _moved(part) for name, part in value.items()}
    day = read_day(value)
    return value if day is None else (day + (TODAY - WRITTEN_ON)).isoformat()


SAMPLES: dict[str, dict[str, Any]] = _moved(
    json.loads((Path(__file__).parent / "catalogue_samples.json").read_text(encoding="utf-8"))
)
