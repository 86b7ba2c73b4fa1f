"""Problems: every code has texts in both languages, and a response never repeats the input."""

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from fastapi import FastAPI
from pydantic import BaseModel

from services.requests.catalogue.eligibility import FIELD_CODES
from services.requests.catalogue.models.versions import Stage
from services.requests.request.models.lifecycle import State as RequestState
from services.routing.models.assignment import AssignmentState
from shared.auth import Public
from shared.errors import (
    LANGUAGES,
    MAX_ERRORS,
    PYDANTIC_CODES,
    STATUS_CODES,
    ConflictError,
    InvalidError,
    Problem,
    field_error,
    field_errors,
    install,
    language_of,
    say,
    words,
)
from shared.seal import SealBrokenError
from tests.architecture.repository import last_name, tree_of
from tests.unit.shared.asgi import call

ROOT = Path(__file__).parents[3]
for module in ("services.identity.app", "services.notifier.app", "services.requests.app", "services.routing.app"):
    import_module(module)
import_module("gateway.app")
SOURCES = [file for folder in ("shared", "services", "gateway") for file in sorted((ROOT / folder).rglob("*.py"))]
URDU_LETTERS = [chr(code) for code in range(0x600, 0x700)]
URDU = re.compile(r"[\u0600-\u06ff]")


def test_the_words_file_has_each_code_once() -> None:
    text = (ROOT / "shared" / "problems.yaml").read_text(encoding="utf-8")
    keys = [line.partition(":")[0] for line in text.splitlines() if re.match(r"[a-z]", line)]
    assert len(keys) == len(set(keys))


def test_every_entry_has_both_languages() -> None:
    for code, entry in words().items():
        parts = {"title"} if "." in code else {"title", "detail"}
        assert set(entry) == parts, code
        for part in parts:
            assert set(entry[part]) == set(LANGUAGES), code
            assert URDU.search(entry[part]["ur"]), code
            assert not URDU.search(entry[part]["en"]), code
            assert first_letter(entry[part]["ur"]) in URDU_LETTERS, code  # else a screen sets it from the left
            places = [set(re.findall(r"{(\w+)}", entry[part][language])) for language in LANGUAGES]
            assert places[0] == places[1], code


def test_every_problem_code_in_the_source_has_words() -> None:
    used = {(code, file.name) for file in SOURCES for code in problem_codes(tree_of(file))}
    assert len(used) > 15
    assert {(code, file) for code, file in used if code not in words()} == set()


def test_every_field_code_in_the_source_has_words() -> None:
    used = {(code, file.name) for file in SOURCES for code in field_codes(tree_of(file))}
    used |= {(code, "verification") for code in (*FIELD_CODES.values(), "invalid")}
    used |= {(code, "errors") for code in PYDANTIC_CODES.values()}
    assert {(code, file) for code, file in used if f"field.{code}" not in words()} == set()


def test_every_status_that_the_framework_answers_has_words() -> None:
    assert [code for code in STATUS_CODES.values() if code not in words()] == []


def first_letter(text: str) -> str:
    """The first letter that is not in a place to be filled."""
    return next(letter for letter in re.sub(r"{\w+}", "", text) if letter.isalpha())


def test_every_state_and_stage_has_words() -> None:
    states = {f"state.{state}" for kind in (AssignmentState, RequestState) for state in kind}
    stages = {f"stage.{stage}" for stage in (*Stage, "none")}
    assert {code for code in words() if code.startswith(("state.", "stage."))} == states | stages


def test_state_is_rendered_as_text() -> None:
    told = say("transition-refused", "detail", "en", {"state": "information_needed"})
    assert told == "The request is now “waiting for a correction”. Open it again."
    assert not re.search("[a-z]", say("transition-refused", "detail", "ur", {"state": "information_needed"}))


@pytest.mark.parametrize(
    ("seconds", "english", "urdu"),
    [
        (1, "one second", "ایک سیکنڈ"),
        (30, "30 seconds", "30 سیکنڈ"),
        (119, "119 seconds", "119 سیکنڈ"),
        (120, "2 minutes", "2 منٹ"),
        (841, "15 minutes", "15 منٹ"),
        (7200, "2 hours", "2 گھنٹے"),
        (86_400, "24 hours", "24 گھنٹے"),
    ],
)
def test_duration_is_rendered_as_text(seconds: int, english: str, urdu: str) -> None:
    assert say("too-many-requests", "detail", "en", {"seconds": seconds}) == f"Try again in {english}."
    assert say("too-many-requests", "detail", "ur", {"seconds": seconds}) == f"{urdu} بعد دوبارہ کوشش کریں۔"


def problem_codes(tree: ast.Module) -> Iterator[str]:
    """Codes in classes (`status, code = 409, "conflict"`, `code = "..."`) and in raised errors."""
    problems = {"Problem", *(kind.__name__ for kind in subclasses(Problem))}
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and node.name in problems:
            for line in node.body:
                if isinstance(line, ast.Assign) and "code" in ast.unparse(line.targets[0]):
                    yield from texts(line.value)
        if isinstance(node, ast.Call) and last_name(node.func) in problems:
            yield from (text for first in node.args[:1] for text in texts(first))


def subclasses(kind: type[Problem]) -> Iterator[type[Problem]]:
    """All classes below `kind` that are loaded."""
    for below in kind.__subclasses__():
        yield below
        yield from subclasses(below)


def field_codes(tree: ast.Module) -> Iterator[str]:
    """Second arguments of `field_error`, types of `PydanticCustomError`, and codes of entries written out."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and last_name(node.func).endswith("field_error") and len(node.args) > 1:
            yield from texts(node.args[1])
        if isinstance(node, ast.Call) and last_name(node.func) == "PydanticCustomError":
            yield from texts(node.args[0])
        if isinstance(node, ast.Dict):
            entry = dict(zip([key and ast.unparse(key) for key in node.keys], node.values, strict=True))
            if "'pointer'" in entry and "'code'" in entry:
                yield from texts(entry["'code'"])


def texts(node: ast.expr) -> Iterator[str]:
    """The text constants in an expression."""
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("ur", "ur"),
        ("UR-pk", "ur"),
        ("ur-PK,ur;q=0.9,en;q=0.8", "ur"),
        ("en-GB,ur", "en"),
        ("fr, ur;q=0.5", "ur"),
        ("*", "en"),
        ("ur\x00", "en"),
        (",".join(["xx"] * 5000 + ["ur"]), "en"),
    ],
)
def test_the_language_is_the_first_that_we_have(header: str, language: str) -> None:
    assert language_of({"accept-language": header}) == language


def test_texts_are_filled_by_plain_replacement() -> None:
    assert "RB-1" in say("one-active", "detail", "en", {"number": "RB-1"})
    assert "{0.__class__}%s" in say("one-active", "detail", "ur", {"number": "{0.__class__}%s"})
    assert say("no such code", "title", "en") == say("internal", "title", "en")
    assert field_error("/a", "no such code", "ur")["message"] == say("field.invalid", "title", "ur")


def test_field_errors_are_bounded_and_hold_no_value() -> None:
    found = [{"loc": ("body", "a/b", 0), "type": "string_too_long", "input": "secret", "msg": "secret"}] * 50
    entries = field_errors(found, "en", skip=1)
    assert len(entries) == MAX_ERRORS
    assert entries[0] == field_error("/a~1b/0", "too_long", "en")
    assert "secret" not in str(entries)


class Thing(BaseModel):
    """A body that FastAPI reads itself."""

    number: int


class OutageError(Exception):
    """The store is away."""


def an_app() -> FastAPI:
    """An app that fails in each way."""
    app = FastAPI()
    install(app, (OutageError,))
    failures = {
        "conflict": ConflictError("one-active", number="RB-1"),
        "fields": InvalidError(errors=[field_error("/a", "required", "en")] * 50),
        "outage": OutageError("mongodb://user:password@host"),
        "bug": RuntimeError("35202-1234567-1"),
        "seal": SealBrokenError("altered", "citizen.mobile", "citizen-1"),
    }

    @app.get("/fail/{name}", dependencies=[Public])
    async def fail(name: str) -> None:
        raise failures[name]

    @app.post("/things", dependencies=[Public])
    async def things(thing: Thing) -> None:
        """Take a thing."""

    return app


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/fail/conflict", 409, "one-active"),
        ("/fail/fields", 422, "invalid"),
        ("/fail/outage", 503, "unavailable"),
        ("/fail/bug", 500, "internal"),
        ("/fail/seal", 500, "seal-broken"),
        ("/nowhere", 404, "not-found"),
        ("/things", 405, "method-not-allowed"),
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_failure_is_a_problem_in_the_language_asked(
    path: str, status: int, code: str, language: str
) -> None:
    answer = await call(an_app(), "GET", path, {"accept-language": language})
    body = answer.json()
    assert answer.status == body["status"] == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["content-language"] == language
    assert answer.headers["cache-control"] == "no-store"
    assert body["type"] == f"/problems/{code}"
    assert body["title"] == say(code, "title", language)
    assert body["instance"] == path
    assert len(body.get("errors", [])) <= MAX_ERRORS
    assert not re.search(rb"password|35202", answer.body)


async def test_validation_errors_have_no_values() -> None:
    headers = {"content-type": "application/json"}
    answer = await call(an_app(), "POST", "/things", headers, b'{"number": "my secret"}')
    assert answer.status == 422
    assert answer.json()["errors"][0]["pointer"] == "/number"
    assert b"secret" not in answer.body


async def test_outage_has_a_retry_after() -> None:
    assert int((await call(an_app(), "GET", "/fail/outage")).headers["retry-after"]) > 0
