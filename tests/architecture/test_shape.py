"""Services have the same files; files are small, documented, and contain nothing of one machine."""

import ast
import inspect
import re
from importlib import import_module
from pathlib import Path

import pytest

from deploy.docs.routes import SERVICES, settings_class
from deploy.local.home import ROOT
from shared.settings import Settings
from tests.architecture.repository import PRODUCT, files, last_name, name_of, tree_of

SERVICE = ("__main__", "app", "api", "handlers", "settings")
LAYERS = ("service", "models", "store")
"""In the service itself if it is small, otherwise in its rooms (CONTRIBUTING.md)."""
BANNED_NAMES = {"utils", "helpers", "common", "base", "misc", "util", "helper"}
# Written in two parts, because this file is checked too.
REGISTRIES = ["pypi" + ".org", "python" + "hosted.org", "npm" + "js.org", "docker" + ".io", "ghcr" + ".io"]
MACHINE = ["/wo" + "rk/", "/tmp" + "/w/"]
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
TEXTS = (".py", ".md", ".toml", ".yaml", ".yml", ".txt", ".in", ".html", ".css", ".js", ".sh", ".json", ".conf", "")
PYTHON = list(files(".py", under=(*PRODUCT, "tools", "tests")))


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_has_the_same_files(service: str) -> None:
    folder = ROOT / "services" / service
    rooms = [folder, *(room for room in folder.iterdir() if room.is_dir())]
    for name in SERVICE:
        assert _has(folder, name), f"{service} has no {name}"
    for name in LAYERS:
        assert any(_has(room, name) for room in rooms), f"{service} has no {name}"


def _has(folder: Path, name: str) -> bool:
    return (folder / f"{name}.py").exists() != (folder / name / "__init__.py").exists()


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_documents_its_data_and_events(service: str) -> None:
    text = inspect.getdoc(import_module(f"services.{service}")) or ""
    for word in ("Owns", "Publishes", "consumes"):
        assert word in text


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_built_from_its_settings(service: str) -> None:
    assert issubclass(settings_class(service), Settings)
    [first, *_] = inspect.signature(import_module(f"services.{service}.app").build_app).parameters.values()
    assert first.annotation is settings_class(service)


@pytest.mark.parametrize("service", SERVICES)
def test_every_handler_has_a_docstring(service: str) -> None:
    """The handlers are a table of contents: each says in a sentence what it does."""
    for node in ast.walk(tree_of(ROOT / "services" / service / "handlers.py")):
        if isinstance(node, ast.FunctionDef) and "Envelope" in ast.unparse(node.args):
            assert ast.get_docstring(node) or node.name == "apply", node.name


@pytest.mark.parametrize("part", [*PRODUCT, "tools"])
def test_most_files_are_small(part: str) -> None:
    """A guide, not a limit for each file: 95 % have at most 300 lines."""
    lines = sorted(file.read_text(encoding="utf-8").count("\n") for file in files(".py", under=(part,)))
    assert lines[len(lines) * 95 // 100] <= 300


def test_every_module_has_a_docstring() -> None:
    assert [name_of(file) for file in PYTHON if not ast.get_docstring(tree_of(file))] == []


def test_no_file_or_folder_has_a_meaningless_name() -> None:
    assert [name_of(file) for file in PYTHON if BANNED_NAMES & {file.stem, file.parent.name}] == []


def test_no_file_contains_a_todo() -> None:
    found = [name_of(f) for f in PYTHON if f != Path(__file__) and UNFINISHED.search(f.read_text(encoding="utf-8"))]
    assert found == []


@pytest.mark.parametrize("texts", [REGISTRIES, MACHINE], ids=["registries", "this machine"])
def test_no_file_names_a_registry_or_a_path_of_this_machine(texts: list[str]) -> None:
    for file in files(*TEXTS):
        text = file.read_bytes()
        assert not [found for found in texts if found.encode() in text], name_of(file)


def test_tests_sleep_only_while_waiting_for_a_condition() -> None:
    for file in files(".py", under=("tests",)):
        for call, inside in sleeps(tree_of(file)):
            fine = inside or ast.unparse(call.args[0]) == "0"
            assert fine, f"{name_of(file)}:{call.lineno} sleeps outside of a wait"


def sleeps(tree: ast.AST, inside: bool = False) -> list[tuple[ast.Call, bool]]:
    """Every call of `sleep`, and whether it is in a loop that waits for a condition."""
    found = []
    for node in ast.iter_child_nodes(tree):
        within = inside or isinstance(node, ast.While | ast.AsyncFor | ast.For)
        if isinstance(node, ast.Call) and last_name(node.func) == "sleep":
            found.append((node, inside))
        found += sleeps(node, within)
    return found


def test_only_settings_read_the_environment() -> None:
    """Product code is configured through its settings; only `deploy` sets the environment."""
    for file in files(".py", under=("services", "gateway", "shared")):
        read = (node for node in ast.walk(tree_of(file)) if last_name(node) in ("environ", "getenv"))
        names = {ast.unparse(node) for node in read}
        # The driver reads its number of threads there; settings read the names of files.
        allowed = name_of(file) in ("shared/mongo/client.py", "shared/settings.py")
        assert allowed or not {"os.environ", "os.getenv"} & names, name_of(file)


FORBIDDEN = dict.fromkeys(("services", "gateway", "shared"), ("tools", "tests", "pytest", "deploy")) | {
    "tools": ("tests",)
}
"""The packages that a part may not import."""


@pytest.mark.parametrize("part", FORBIDDEN)
def test_product_code_imports_no_tools_and_tools_import_no_tests(part: str) -> None:
    for file in files(".py", under=(part,)):
        for node in ast.walk(tree_of(file)):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            assert not [name for name in names if name.split(".")[0] in FORBIDDEN[part]], name_of(file)


def test_class_names_are_unique() -> None:
    """Schemas are always used as `schemas.X`, and may share the name of what they show."""
    found: dict[str, set[Path]] = {}
    for file in files(".py", under=PRODUCT):
        for node in tree_of(file).body:
            if isinstance(node, ast.ClassDef) and file.name != "schemas.py":
                found.setdefault(node.name, set()).add(file)
    assert {name: places for name, places in found.items() if len(places) > 1} == {}
