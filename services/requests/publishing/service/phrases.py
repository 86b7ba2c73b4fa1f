"""What the public reads about each step."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from shared.yaml_file import read_yaml


@cache
def phrases() -> dict[str, dict[str, str]]:
    """The texts by action, for the resolution by action and outcome, in both languages."""
    loaded: dict[str, dict[str, str]] = read_yaml(Path(__file__).parents[1] / "phrases.yaml")
    return loaded


def public_actions() -> frozenset[str]:
    """The actions of steps that are published."""
    return frozenset(name.partition(".")[0] for name in phrases())


def phrase_of(entry: Mapping[str, Any], language: str) -> str:
    """What the public reads about a step."""
    action = entry["action"]
    name = f"{action}.{entry.get('outcome') or 'granted'}" if action == "resolve" else action
    return phrases()[name][language]
