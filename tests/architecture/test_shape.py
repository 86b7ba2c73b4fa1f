"""Every service has the same files, files are small and explained, and nothing in them belongs to one machine."""

import ast
import inspect
import re
from importlib import import_module
from pathlib import Path

import pytest

from deploy.docs.routes import SERVICES, settings_class
from deploy.local.home import ROOT
from shared.settings import Settings
from tests.architecture.repository import PRODUCT, files, name_of, tree_of

SERVICE = ("__main__", "app", "api", "handlers", "settings")
LAYERS = ("service", "models", "store")
"""In the service itself where it is small, else in its rooms (DESIGN, section 2)."""
BANNED_NAMES = {"utils", "helpers", "common", "base", "misc", "util", "helper"}
# Written in two parts, since this file is looked at too.
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
def test_a_service_says_what_it_owns_says_and_hears_and_why_it_exists(service: str) -> None:
    text = inspect.getdoc(import_module(f"services.{service}")) or ""
    for word in ("Owns", "Publishes", "consumes", "It exists"):
        assert word in text


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_built_from_its_settings(service: str) -> None:
    assert issubclass(settings_class(service), Settings)
    [first, *_] = inspect.signature(import_module(f"services.{service}.app").build_app).parameters.values()
    assert first.annotation is settings_class(service)


@pytest.mark.parametrize("service", SERVICES)
def test_every_handler_is_explained(service: str) -> None:
    """The handlers are the table of contents: each says in a sentence what it does."""
    for node in ast.walk(tree_of(ROOT / "services" / service / "handlers.py")):
        if isinstance(node, ast.FunctionDef) and "Envelope" in ast.unparse(node.args):
            assert ast.get_docstring(node) or node.name == "apply", node.name


@pytest.mark.parametrize("part", [*PRODUCT, "tools"])
def test_most_files_are_small(part: str) -> None:
    """A guide, not a limit for each file: 19 of 20 have at most 300 lines."""
    lines = sorted(file.read_text(encoding="utf-8").count("\n") for file in files(".py", under=(part,)))
    assert lines[len(lines) * 95 // 100] <= 300


def test_every_module_says_what_it_is() -> None:
    assert [name_of(file) for file in PYTHON if not ast.get_docstring(tree_of(file))] == []


def test_nothing_is_called_by_a_name_that_says_nothing() -> None:
    assert [name_of(file) for file in PYTHON if BANNED_NAMES & {file.stem, file.parent.name}] == []


def test_nothing_is_left_unfinished() -> None:
    found = [name_of(f) for f in PYTHON if f != Path(__file__) and UNFINISHED.search(f.read_text(encoding="utf-8"))]
    assert found == []


@pytest.mark.parametrize("texts", [REGISTRIES, MACHINE], ids=["registries", "this machine"])
def test_no_file_names_a_host_or_a_path_of_somebody_s_own(texts: list[str]) -> None:
    for file in files(*TEXTS):
        text = file.read_bytes()
        assert not [found for found in texts if found.encode() in text], name_of(file)


def test_tests_wait_for_conditions_and_never_for_a_time() -> None:
    for file in files(".py", under=("tests",)):
        for call, inside in sleeps(tree_of(file)):
            fine = inside or ast.unparse(call.args[0]) == "0"
            assert fine, f"{name_of(file)}:{call.lineno} sleeps outside of a wait"


def sleeps(tree: ast.AST, inside: bool = False) -> list[tuple[ast.Call, bool]]:
    """Every call of a `sleep`, and whether it stands in a loop: part of waiting for something, or of a fake's life."""
    found = []
    for node in ast.iter_child_nodes(tree):
        within = inside or isinstance(node, ast.While | ast.AsyncFor | ast.For)
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "sleep":
            found.append((node, inside))
        found += sleeps(node, within)
    return found


def test_only_settings_read_the_environment() -> None:
    """Product code is configured through its settings; `deploy` is what sets the environment up."""
    for file in files(".py", under=("services", "gateway", "shared")):
        names = {ast.unparse(node) for node in ast.walk(tree_of(file)) if isinstance(node, ast.Attribute)}
        # The driver reads its number of threads from there; settings find the names of files there.
        allowed = name_of(file) in ("shared/mongo/client.py", "shared/settings.py")
        assert allowed or not {"os.environ", "os.getenv"} & names, name_of(file)


UNKNOWN = dict.fromkeys(("services", "gateway", "shared"), ("tools", "tests", "pytest", "deploy")) | {
    "tools": ("tests",)
}
"""What no code of a part may import."""


@pytest.mark.parametrize("part", UNKNOWN)
def test_no_product_code_knows_tools_and_no_tool_knows_tests(part: str) -> None:
    for file in files(".py", under=(part,)):
        for node in ast.walk(tree_of(file)):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            assert not [name for name in names if name.split(".")[0] in UNKNOWN[part]], name_of(file)


def test_no_two_classes_have_one_name() -> None:
    """Schemas are always read as `schemas.X`, and may be called like what they show."""
    found: dict[str, set[Path]] = {}
    for file in files(".py", under=PRODUCT):
        for node in tree_of(file).body:
            if isinstance(node, ast.ClassDef) and file.name != "schemas.py":
                found.setdefault(node.name, set()).add(file)
    assert {name: places for name, places in found.items() if len(places) > 1} == {}
