"""Reads the YAML files of departments and of the working calendar."""

from pathlib import Path

import yaml

from services.routing.models.calendar import Calendar
from services.routing.models.directory import DepartmentEntry
from shared.yaml_file import read_yaml


def read_departments(folder: Path) -> list[DepartmentEntry]:
    """The departments of a folder's files. Raises ValueError naming the file."""
    entries = []
    for file in sorted(folder.glob("*.yaml")):
        try:
            entries.append(DepartmentEntry.model_validate(read_yaml(file)))
        except (ValueError, yaml.YAMLError) as error:
            raise ValueError(f"{file.name}: {error}") from None
    return entries


def read_calendar(file: Path) -> Calendar:
    """The calendar of a file. Raises ValueError or KeyError for a wrong file."""
    return Calendar.of(read_yaml(file))
