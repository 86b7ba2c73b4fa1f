"""Conditions of routing rules: the allowed values of each fact."""

from collections.abc import Mapping, Sequence
from typing import Any


def conditions_hold(when: Mapping[str, Sequence[Any]] | None, facts: Mapping[str, Any]) -> bool:
    """Whether every fact named has one of its values; true without conditions."""
    return all(_is_one_of(facts.get(name), values) for name, values in (when or {}).items())


def _is_one_of(fact: Any, values: Sequence[Any]) -> bool:
    """Membership without Python's 1 == True."""
    return any(type(fact) is type(value) and fact == value for value in values)
