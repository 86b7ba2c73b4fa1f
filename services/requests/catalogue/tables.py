"""Reads the tables of districts: names and areas."""

from functools import cache
from pathlib import Path
from typing import Any

from shared.yaml_file import read_yaml

FOLDER = Path(__file__).parent


@cache
def districts() -> dict[str, dict[str, str]]:
    """The names of all districts, by code; services without `districts` are offered in all of them."""
    loaded: dict[str, dict[str, str]] = _read("districts.yaml")
    return loaded


@cache
def district_areas() -> dict[str, dict[str, dict[str, float]]]:
    """The rectangles of each district, by code."""
    loaded: dict[str, dict[str, dict[str, float]]] = _read("district_areas.yaml")
    return loaded


def _read(name: str) -> Any:
    return read_yaml(FOLDER / name)
