"""Reads the files of the catalogue."""

from pathlib import Path

import yaml

from services.requests.catalogue.models.catalogue import CatalogueEntry
from shared.yaml_file import read_yaml


def read_entries(folder: Path) -> dict[str, CatalogueEntry]:
    """The entries of a folder's YAML files, by code. Raises ValueError naming the file and the path in it."""
    entries: dict[str, CatalogueEntry] = {}
    for file in sorted(folder.glob("*.yaml")):
        try:
            entry = CatalogueEntry.model_validate(read_yaml(file))
        except (ValueError, yaml.YAMLError) as error:
            raise ValueError(f"{file.name}: {error}") from None
        if entry.code != file.stem:
            raise ValueError(f"{file.name}: its code is {entry.code}")
        entries[entry.code] = entry
    return entries
