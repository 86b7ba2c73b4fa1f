"""Reads the tables of districts: what they are called, and where they are."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

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
    return yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))
