"""Reads YAML files with the C library: eight times as fast as the parser written in Python."""

from pathlib import Path
from typing import Any

import yaml


def read_yaml(file: Path) -> Any:
    """The content of a YAML file."""
    return yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
