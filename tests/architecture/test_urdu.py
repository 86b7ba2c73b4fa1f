"""Urdu texts are displayed in the right order, if their direction is derived from the text."""

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
    """Every text with the key `ur`."""
    if isinstance(value, dict):
        for key, below in value.items():
            yield from urdu(below, str(key))
    elif isinstance(value, list):
        for below in value:
            yield from urdu(below, name)
    elif isinstance(value, str) and name == "ur":
        yield value


def reordered(text: str) -> list[str]:
    """Numbers of several parts that follow Urdu: their last part would be shown first."""
    return [
        found[0]
        for found in NUMBERS.finditer(text)
        if (before := STRONG.findall(text[: found.start()])) and "\u0600" <= before[-1] <= "\u06ff"
    ]


def test_the_check_finds_numbers_in_the_wrong_order() -> None:
    assert reordered("مثلاً 2026-03-09۔") == ["2026-03-09"]
    assert reordered("مثلاً \u200e2026-03-09۔") == reordered("جیسے JSON 2020-12") == reordered("14 دن") == []


@cases("file", FILES)
def test_numbers_in_urdu_texts_keep_their_order(file: Path) -> None:
    texts = list(urdu(read_yaml(file)))
    assert [text for text in texts if reordered(text)] == []
