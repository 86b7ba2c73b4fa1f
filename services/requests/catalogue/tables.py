"""Reads the tables of districts: what they are called, and where they are."""

from functools import cache
from pathlib import Path
from typing import Any

from shared.yaml_file import read_yaml

FOLDER = Path(__file__).parent


@cache
def districts() -> dict[str, dict[str, str]]:
    """The names, by code, of the districts in which a service is offered that names none of its own."""
    loaded: dict[str, dict[str, str]] = _read("districts.yaml")
    return loaded


@cache
def district_areas() -> dict[str, dict[str, dict[str, float]]]:
    """The rectangles of each district, by code."""
    loaded: dict[str, dict[str, dict[str, float]]] = _read("district_areas.yaml")
    return loaded


def _read(name: str) -> Any:
    return read_yaml(FOLDER / name)
