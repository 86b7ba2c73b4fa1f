"""Errors that have an HTTP status, and their rendering as RFC 9457 problems.

Answers never repeat what was sent: a field error has a JSON pointer and says what to do, in the citizen's language.
The texts are in `shared/problems.yaml`.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, cast

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from typing_extensions import TypedDict

from shared.seal import SealBrokenError
from shared.yaml_file import read_yaml

log = structlog.get_logger(__name__)

LANGUAGES = ("en", "ur")
UNITS = (("hours", 3600), ("minutes", 60), ("seconds", 1))
MAX_ERRORS = 20
BODY_PROBLEM = "rabta.body_problem"
"""The key in the scope of a request under which `shared.routes` stores the problem of its body."""


class FieldError(TypedDict):
    """An invalid field: its JSON pointer (RFC 6901), a code, and a message in the language of the request."""

    pointer: str
    code: str
    message: str


class Problem(Exception):  # noqa: N818  # RFC 9457 calls it that
    """An error answer. Subclasses name code and status in their header; its texts are found by the code."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal"

    def __init_subclass__(cls, code: str | None = None, status: int | None = None) -> None:
        super().__init_subclass__()
        cls.code, cls.status = code or cls.code, status or cls.status

    def __init__(
        self,
        code: str | None = None,
        *,
        errors: list[FieldError] | None = None,
        headers: Mapping[str, str] | None = None,
        **params: str | int,
    ) -> None:
        super().__init__(code or self.code)
        self.problem_code = code or self.code
        self.errors = errors or []
        self.headers = dict(headers or {})
        self.params = params


class BadRequestError(Problem, code="bad-request", status=400):
    """The request cannot be read."""


class UnauthenticatedError(Problem, code="unauthenticated", status=401):
    """No valid token."""


class ForbiddenError(Problem, code="forbidden", status=403):
    """Signed in, but not permitted."""


class NotFoundError(Problem, code="not-found", status=404):
    """Does not exist, or is not visible to the caller."""


class ConflictError(Problem, code="conflict", status=409):
    """Not possible in the present state."""


class PreconditionFailedError(Problem, code="precondition-failed", status=412):
    """Changed by somebody else since it was read (If-Match)."""


class InvalidError(Problem, code="invalid", status=422):
    """Invalid values; `errors` names the fields."""


class KeyReusedError(InvalidError, code="idempotency-key-reused"):
    """The Idempotency-Key was used for another body."""


class PreconditionRequiredError(Problem, code="precondition-required", status=428):
    """The request needs `If-Match`."""


class TooManyRequestsError(Problem, code="too-many-requests", status=429):
    """Over a limit; Retry-After says when to try again."""


class UnavailableError(Problem, code="unavailable", status=503):
    """Temporarily unavailable: try again after some seconds, with the same Idempotency-Key."""

    def __init__(self, *, after: int = 2) -> None:
        super().__init__(headers={"Retry-After": str(after)})


@cache
def words() -> dict[str, dict[str, dict[str, str]]]:
    """The texts of problems and field errors by code, part ("title" or "detail") and language."""
    loaded: dict[str, dict[str, dict[str, str]]] = read_yaml(Path(__file__).parent / "problems.yaml")
    return loaded


def language_of(headers: Mapping[str, str]) -> str:
    """The first of our languages that Accept-Language names; English otherwise."""
    for part in headers.get("accept-language", "").lower().split(",")[:10]:
        tag = part.split(";")[0].strip().split("-")[0]
        if tag in LANGUAGES:
            return tag
    return LANGUAGES[0]


def say(code: str, part: str, language: str, params: Mapping[str, str | int] | None = None) -> str:
    """One text by its code, with `{name}` replaced from `params`."""
    entry = words().get(code) or words()["internal"]
    text = entry.get(part, {}).get(language, "")
    for name, value in (params or {}).items():
        text = text.replace("{" + name + "}", _value_text(name, value, language))
    return text


def _value_text(name: str, value: str | int, language: str) -> str:
    """A value as text: a duration, the name of a state, or unchanged."""
    if name == "seconds":
        return _time(int(value), language)
    known = f"{name}.{value}"
    return words()[known]["title"][language] if known in words() else str(value)


def _time(seconds: int, language: str) -> str:
    """A duration as text, rounded up, in hours, minutes or seconds."""
    if seconds == 1:
        return say("time.second", "title", language)
    unit, length = next(unit for unit in UNITS if seconds >= 2 * unit[1] or unit[1] == 1)
    return say(f"time.{unit}", "title", language, {"count": -(-seconds // length)})


def field_error(pointer: str, code: str, language: str, **params: str | int) -> FieldError:
    """One entry of a problem's `errors`; `code` is looked up under `field.<code>`."""
    key = f"field.{code}"
    return {
        "pointer": pointer,
        "code": code,
        "message": say(key if key in words() else "field.invalid", "title", language, params),
    }


def problem_response(problem: Problem, request: Request) -> Response:
    """The problem as `application/problem+json`."""
    language = language_of(request.headers)
    code = problem.problem_code
    body: dict[str, Any] = {
        "type": f"/problems/{code}",
        "title": say(code, "title", language, problem.params),
        "status": problem.status,
        "detail": say(code, "detail", language, problem.params),
        "instance": request.url.path,
    }
    if problem.errors:
        body["errors"] = problem.errors[:MAX_ERRORS]
    headers = {"Content-Language": language, "Cache-Control": "no-store", **problem.headers}
    return JSONResponse(body, problem.status, headers, media_type="application/problem+json")


def pointer_of(path: Iterable[str | int]) -> str:
    """The JSON pointer (RFC 6901) of a path of names and indexes."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


PYDANTIC_CODES = {
    "missing": "required",
    "extra_forbidden": "unknown",
    "string_too_short": "too_short",
    "string_too_long": "too_long",
    "json_invalid": "json",
    "literal_error": "choice",
    "greater_than": "too_small",
    "greater_than_equal": "too_small",
    "less_than": "too_big",
    "less_than_equal": "too_big",
    "enum": "choice",
    "union_tag_invalid": "choice",
    "union_tag_not_found": "required",
}


def field_errors(errors: list[Any], language: str, skip: int = 0) -> list[FieldError]:
    """Pydantic's errors as ours: pointer, code and message, never the value."""
    found: list[FieldError] = []
    for error in errors[:MAX_ERRORS]:
        cause = error.get("ctx", {}).get("error")
        found += (
            cause.errors(language) if isinstance(cause, MistakesError) else [_field_error_of(error, language, skip)]
        )
    return found


class Mistake(NamedTuple):
    """An error at a JSON pointer; the text is in `problems.yaml` under `field.<code>`."""

    pointer: str
    code: str


class MistakesError(ValueError):
    """All mistakes in a value. A validator of pydantic may raise it."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        super().__init__("; ".join(f"{mistake.pointer}: {mistake.code}" for mistake in mistakes))
        self.mistakes = mistakes

    def errors(self, language: str) -> list[FieldError]:
        """The mistakes as field errors."""
        return [field_error(mistake.pointer, mistake.code, language) for mistake in self.mistakes[:MAX_ERRORS]]


def _field_error_of(error: dict[str, Any], language: str, skip: int) -> FieldError:
    context = error.get("ctx", {})
    # A validator of a complete body names the affected field as `field`.
    below = [context[name].strip("'") for name in ("discriminator", "field") if name in context]
    code = error["type"] if f"field.{error['type']}" in words() else PYDANTIC_CODES.get(error["type"], "invalid")
    found = field_error(pointer_of([*error["loc"][skip:], *below]), code, language)
    if code == "choice":
        found["message"] = say("field.choice_of", "title", language, {"values": _choices_of(context)})
    return found


def _choices_of(context: Mapping[str, Any]) -> str:
    """The values that pydantic would have accepted, separated by commas."""
    expected = str(context.get("expected") or context.get("expected_tags"))
    return expected.replace("'", "").replace(" or ", ", ")


def header_problem(errors: list[Any]) -> Problem | None:
    """The problem of a missing or malformed header that a route declares (`shared.request_headers`)."""
    kinds = {tuple(error["loc"]): str(error["type"]) for error in errors}
    if kind := kinds.get(("header", "If-Match")):
        return PreconditionRequiredError() if kind == "missing" else BadRequestError("if-match-invalid")
    if kind := kinds.get(("header", "Idempotency-Key")):
        is_short = kind == "string_too_short"
        return BadRequestError("idempotency-key-short" if is_short else "idempotency-key-required")
    return None


STATUS_CODES = {400: "bad-request", 401: "unauthenticated", 403: "forbidden", 404: "not-found",
                405: "method-not-allowed", 413: "too-large", 415: "unsupported-media-type"}  # fmt: skip


def _validation_problem(error: RequestValidationError, request: Request) -> Problem:
    """The problem of headers, else that of the body as a whole, else that of its fields."""
    found = list(error.errors())
    body: Problem | None = request.scope.get(BODY_PROBLEM)
    return header_problem(found) or body or InvalidError(errors=field_errors(found, language_of(request.headers), 1))


def _http_problem(error: HTTPException, _: Request) -> Problem:
    problem = Problem(STATUS_CODES.get(error.status_code, "bad-request"), headers=error.headers)
    problem.status = error.status_code  # type: ignore[misc]  # the status is known only here
    return problem


def _outage_problem(error: Exception, _: Request) -> Problem:
    log.warning("http.store_away", error=type(error).__name__)
    return UnavailableError()


def _seal_problem(error: SealBrokenError, request: Request) -> Problem:
    log.error("seal.broken", path=request.url.path, purpose=error.purpose, owner=error.owner)
    return Problem("seal-broken")


def _unexpected_problem(error: Exception, request: Request) -> Problem:
    log.error("http.unexpected", path=request.url.path, error=type(error).__name__, exc_info=error)
    return Problem()


def install(app: FastAPI, outages: tuple[type[BaseException], ...] = ()) -> None:
    """Make `app` answer every error with a problem, and `outages` with 503."""
    words()  # fail at start if the file is broken

    def answer(kind: type[BaseException], problem_of: Callable[[Any, Request], Problem]) -> None:
        async def on_error(request: Request, error: Exception) -> Response:
            return problem_response(problem_of(error, request), request)

        app.add_exception_handler(cast(type[Exception], kind), on_error)

    answer(Problem, lambda problem, _: problem)
    answer(RequestValidationError, _validation_problem)
    answer(MistakesError, lambda error, request: InvalidError(errors=error.errors(language_of(request.headers))))
    answer(HTTPException, _http_problem)
    answer(SealBrokenError, _seal_problem)
    for outage in outages:
        answer(outage, _outage_problem)
    answer(Exception, _unexpected_problem)
