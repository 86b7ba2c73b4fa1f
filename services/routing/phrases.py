"""Reads `phrases.yaml`: replies that only refer the citizen to somebody else."""

from functools import cache
from pathlib import Path
from typing import Any

from shared.yaml_file import read_yaml


@cache
def phrases() -> dict[str, Any]:
    """The table."""
    table: dict[str, Any] = read_yaml(Path(__file__).with_suffix(".yaml"))
    return table
