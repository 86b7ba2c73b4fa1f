"""The files of the repository, for the tests that read them."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from deploy.local.home import ROOT

PRODUCT = ("services", "gateway", "shared", "deploy")
SKIPPED = {"__pycache__", "node_modules"}


def files(*suffixes: str, under: tuple[str, ...] = ("",)) -> Iterator[Path]:
    """Files with these suffixes, except in caches and hidden folders."""
    for folder in under:
        for file in sorted((ROOT / folder).rglob("*")):
            parts = file.relative_to(ROOT).parts
            hidden = any(part.startswith(".") and part != ".ci" for part in parts)
            if file.is_file() and file.suffix in suffixes and not hidden and not SKIPPED & set(parts):
                yield file


def name_of(file: Path) -> str:
    """A file's path in the repository."""
    return file.relative_to(ROOT).as_posix()


@cache
def tree_of(file: Path) -> ast.Module:
    """The syntax tree of a Python file."""
    return ast.parse(file.read_text(encoding="utf-8"))
