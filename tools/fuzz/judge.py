"""Checks a response: no server error, a described status and body, and no data of another citizen."""

from collections.abc import Sequence

from schemathesis import Response
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tools.fuzz.cases import Call

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
PROBLEM = "application/problem+json"
NO_PROBLEM = {"POST /api/v1/oauth/token": "its errors have the form that OAuth 2.0 gives them (RFC 6749, 5.2)"}
"""Operations whose errors have another form, and why."""


def wrongs(case: Call, answer: Response, canaries: Sequence[str]) -> list[str]:
    """Everything that is wrong with a response, in a few words each."""
    found = leaks(answer, canaries)
    kind = answer.headers.get("content-type", [""])[0]
    if 400 <= answer.status_code < 500 and not kind.startswith(PROBLEM) and case.operation.label not in NO_PROBLEM:
        found.append(f"{answer.status_code} as {kind or 'nothing'}, not as a problem")
    try:
        case.validate_response(answer, checks=CHECKS)
    except FailureGroup as group:
        found += [f"{answer.status_code}: {failure.title}: {words(failure)}" for failure in group.exceptions]
    return found


def words(failure: BaseException) -> str:
    """A failure in one line."""
    return " ".join(str(getattr(failure, "message", failure)).split())[:300]


def leaks(answer: Response, canaries: Sequence[str]) -> list[str]:
    """Which of the planted citizen's details the response contains, by their index, never by their text."""
    text = f"{answer.content.decode('utf-8', 'replace')} {answer.headers}".lower()
    return [f"a leak: detail {place} of the planted citizen" for place, word in enumerate(canaries) if word in text]
