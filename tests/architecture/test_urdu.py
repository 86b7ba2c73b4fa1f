"""Urdu words of every file: a screen that reads their direction from them shows them as they were meant."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from deploy.local.home import ROOT
from shared.yaml_file import read_yaml
from tests.cases import cases

FILES = sorted(path for folder in ("services", "shared") for path in (ROOT / folder).rglob("*.yaml"))
NUMBERS = re.compile(r"\d+(?:[- +]\d+)+")
STRONG = re.compile("[A-Za-z\u200e\u0600-\u06ff]")


def urdu(value: Any, name: str = "") -> Iterator[str]:
    """Every text that a document calls `ur`."""
    if isinstance(value, dict):
        for key, below in value.items():
            yield from urdu(below, str(key))
    elif isinstance(value, list):
        for below in value:
            yield from urdu(below, name)
    elif isinstance(value, str) and name == "ur":
        yield value


def turned(text: str) -> list[str]:
    """Numbers of several parts that would be shown with their last part first, since Urdu stands before them."""
    return [
        found[0]
        for found in NUMBERS.finditer(text)
        if (before := STRONG.findall(text[: found.start()])) and "\u0600" <= before[-1] <= "\u06ff"
    ]


def test_the_search_finds_what_would_be_turned() -> None:
    assert turned("مثلاً 2026-03-09۔") == ["2026-03-09"]
    assert turned("مثلاً \u200e2026-03-09۔") == turned("جیسے JSON 2020-12") == turned("14 دن") == []


@cases("file", FILES)
def test_numbers_keep_their_order(file: Path) -> None:
    texts = list(urdu(read_yaml(file)))
    assert [text for text in texts if turned(text)] == []
