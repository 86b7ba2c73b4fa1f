"""The files of the repository, for the tests that read them."""

import ast
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from deploy.local.home import ROOT

PRODUCT = ("services", "gateway", "shared", "deploy")
SKIPPED = {"__pycache__", "node_modules"}


def files(*suffixes: str, under: tuple[str, ...] = ("",)) -> Iterator[Path]:
    """Files with these suffixes, outside of caches and hidden folders."""
    return (file for folder in under for file in _files_of(ROOT / folder) if file.suffix in suffixes)


@cache
def _files_of(folder: Path) -> list[Path]:
    """All files of a folder in order, without entering those that are skipped: `.rabta` alone has 50,000."""
    found = []
    for path, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in SKIPPED and _is_shown(name)]
        found += [Path(path) / name for name in names if _is_shown(name)]
    return sorted(found)


def _is_shown(name: str) -> bool:
    return not name.startswith(".") or name == ".ci"


def name_of(file: Path) -> str:
    """A file's path in the repository."""
    return file.relative_to(ROOT).as_posix()


@cache
def tree_of(file: Path) -> ast.Module:
    """The syntax tree of a Python file."""
    return ast.parse(file.read_text(encoding="utf-8"))


def last_name(node: ast.AST) -> str:
    """The name, or the last part of the dotted name, that is written here; much faster than `ast.unparse`."""
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
