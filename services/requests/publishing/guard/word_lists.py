"""The words by which names and number plates are found (`words.yaml`)."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from shared.yaml_file import read_yaml

LISTS: dict[str, Any] = read_yaml(Path(__file__).with_name("words.yaml"))


def words(name: str) -> frozenset[str]:
    """The words of a list."""
    return frozenset(LISTS[name].split())


def any_of(phrases: Iterable[str]) -> str:
    """A pattern for any of some phrases as whole words, longest first."""
    longest = sorted(phrases, key=len, reverse=True)
    return rf"(?<!\w)(?:{'|'.join(re.escape(phrase).replace(chr(92) + ' ', ' +') for phrase in longest)})(?!\w)"
