"""The files of the repository and the four services, for the tests that look at them."""

import ast
import base64
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

from fastapi import FastAPI

from deploy.local.home import ROOT
from shared.settings import Settings

SERVICES = ("identity", "requests", "routing", "notifier")
PRODUCT = ("services", "gateway", "shared", "deploy")
SKIPPED = {"__pycache__", "node_modules"}
KEYS = {name: base64.b64encode(name[:1].encode() * 32).decode() for name in ("data_key", "index_key")}


def files(*suffixes: str, under: tuple[str, ...] = ("",)) -> Iterator[Path]:
    """Files with these suffixes, outside of caches and hidden folders."""
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


def settings_class(service: str) -> type[Settings]:
    """The settings of a service."""
    found: type[Settings] = getattr(import_module(f"services.{service}.settings"), f"{service.capitalize()}Settings")
    return found


@cache
def app_of(service: str) -> FastAPI:
    """The service as an application that is connected to nothing."""
    settings = settings_class(service).model_validate({**KEYS, "env": "test"})
    app: FastAPI = import_module(f"services.{service}.app").build_app(settings)
    return app
