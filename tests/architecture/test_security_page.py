"""The security checklist has every line once, and every test that it names exists."""

import ast
import re

from deploy.local.home import ROOT
from gateway.limits import ADDRESS, LIMITS
from gateway.live.streams import LIMIT_PROBLEMS
from tests.architecture.repository import tree_of

PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
TESTS = (ROOT / "docs" / "security-tests.md").read_text(encoding="utf-8")
LINES = 62
ROW = re.compile(r"^\| (\d+) \| ", re.MULTILINE)
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def names_in(path: str) -> set[str]:
    """The names of the tests of a file, including those in classes."""
    file = ROOT / path
    if not file.is_file():
        return set()
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name for node in ast.walk(tree_of(file)) if isinstance(node, functions)}


def test_the_checklist_has_every_line_once_in_order() -> None:
    assert [int(number) for number in ROW.findall(PAGE)] == list(range(1, LINES + 1))


def test_every_line_has_a_test_or_a_note_of_what_is_not_done() -> None:
    tested = set(ROW.findall(TESTS))
    lines = {found.group(1): line for line in PAGE.splitlines() if (found := ROW.match(line))}
    assert [number for number, line in lines.items() if number not in tested and "**Not done:**" not in line] == []


def test_every_named_test_exists() -> None:
    named = NAMED.findall(PAGE + TESTS)
    assert (PAGE + TESTS).count("`tests/unit/") <= len(named) + 1, "a test is named in another form"
    assert [f"{path}::{name}" for path, name in named if name not in names_in(path)] == []


def test_the_page_shows_the_limits_of_the_code() -> None:
    """The gateway's limits by name, and every problem of a 429."""
    assert [name for name, limit in LIMITS.items() if name != ADDRESS and f"`{name}` {limit.quota}" not in PAGE] == []
    assert f"all {LIMITS[ADDRESS].quota}" in PAGE
    reasons = {limit.code for limit in LIMITS.values()} | {*LIMIT_PROBLEMS.values()}
    assert {code for code in reasons if f"`{code}`" not in PAGE} == set()


def test_every_library_is_locked_with_a_safe_version() -> None:
    locked: dict[str, str] = {}
    for name in ("requirements.txt", "requirements-dev.txt", "requirements-local.txt"):
        text = (ROOT / name).read_text(encoding="utf-8")
        found = re.findall(
            r"^([A-Za-z0-9_.-]+(?:\[\w+\])?)==([^ ;\\]+)[^\n]*\\\n( +--hash=sha256:)", text, re.MULTILINE
        )
        assert len(found) == len(re.findall(r"^[A-Za-z0-9]", text, re.MULTILINE)), f"{name} has a library without hash"
        locked |= {library: version for library, version, _ in found}
    assert tuple(int(part) for part in locked["starlette"].split(".")[:3]) >= (1, 3, 1)  # CVE-2026-54282
    assert tuple(int(part) for part in locked["python-multipart"].split(".")[:3]) >= (0, 0, 27)
