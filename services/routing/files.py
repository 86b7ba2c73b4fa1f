"""Reads the YAML files of departments and of the working calendar."""

from pathlib import Path

import yaml

from services.routing.models.calendar import Calendar
from services.routing.models.directory import TRIAGE, DepartmentEntry
from shared.yaml_file import read_yaml

TRIAGE_FILE = Path(__file__).parent / "departments" / f"{TRIAGE}.yaml"


def read_departments(folder: Path) -> list[DepartmentEntry]:
    """The departments of a folder's files, and the triage desk. Raises ValueError naming the file."""
    entries = []
    for file in sorted(folder.glob("*.yaml")):
        try:
            entries.append(DepartmentEntry.model_validate(read_yaml(file)))
        except (ValueError, yaml.YAMLError) as error:
            raise ValueError(f"{file.name}: {error}") from None
    if not any(entry.code == TRIAGE for entry in entries):
        entries.append(DepartmentEntry.model_validate(read_yaml(TRIAGE_FILE)))
    return entries


def read_calendar(file: Path) -> Calendar:
    """The calendar of a file. Raises ValueError or KeyError for a wrong file."""
    return Calendar.of(read_yaml(file))
