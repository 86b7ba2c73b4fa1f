"""Reads `phrases.yaml`: replies that only say that somebody else should have been asked."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml


@cache
def phrases() -> dict[str, Any]:
    """The table."""
    table: dict[str, Any] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
    return table
