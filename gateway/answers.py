"""What holds for many operations is described by rule: how they refuse, and the headers of their answers."""

from typing import Any

from gateway.limits import LIMITS
from gateway.routes import PUBLIC, ProxyRoute
from shared.openapi import MEANING, TEXT

EVERYWHERE = (400, 429, 503, 504)
SIGNED_IN_ONLY = (401, 403)
WITH_BODY = (413, 415, 422)
HEADERS: dict[str, dict[str, Any]] = {
    "X-Request-Id": {"description": "Under which the answer stands in our log", "schema": TEXT},
    "RateLimit": {"description": "What is left, and in how many seconds all of it is back", "schema": TEXT},
    "RateLimit-Policy": {"description": "How many requests in how many seconds", "schema": TEXT},
    "Retry-After": {"description": "In how many seconds to come back", "schema": {"type": "integer"}},
    "Content-Language": {"description": "Of its words: `en` or `ur`", "schema": TEXT},
    "WWW-Authenticate": {"description": "How to sign in (RFC 9110, section 11.6.1)", "schema": TEXT},
}
"""What the door says in headers of many answers. RateLimit is that of draft-ietf-httpapi-ratelimit-headers-11."""
ALWAYS = ("X-Request-Id",)
COUNTED = ("RateLimit", "RateLimit-Policy")
WITH_REFUSAL = {
    401: ("WWW-Authenticate",),
    409: ("Retry-After",),
    429: ("Retry-After", *COUNTED),
    503: ("Retry-After",),
}


def referring(*names: str) -> dict[str, dict[str, str]]:
    """The headers of an answer, by reference."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


REFUSALS = {
    str(status): {
        "description": f"{meaning}.",
        "headers": referring(*ALWAYS, "Content-Language", *WITH_REFUSAL.get(status, ())),
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for status, meaning in MEANING.items()
}
"""What each status means; every refusal is a problem (RFC 9457) in the words of Accept-Language."""


def refusals(route: ProxyRoute, method: str, path: str, operation: dict[str, Any]) -> dict[str, Any]:
    """Every status that an operation may refuse with, by its number as text; what a service says of its own is kept."""
    responses: dict[str, Any] = operation.get("responses", {})
    statuses = {*EVERYWHERE}
    if route.who != PUBLIC:
        statuses |= {*SIGNED_IN_ONLY}
    if "{" in path:
        statuses.add(404)
    if method != "get":
        statuses |= {409, 413}
    if any(parameter["name"] == "If-Match" for parameter in operation.get("parameters", ())):
        statuses |= {412, 428}
    if "requestBody" in operation:
        statuses |= {*WITH_BODY}
    if route.files and method != "get":
        statuses.add(408)
    said = {status for status, answer in responses.items() if not is_problem(answer)}
    statuses |= {int(status) for status in responses if status not in said}
    return {str(one): {"$ref": f"#/components/responses/{one}"} for one in sorted(statuses) if str(one) not in said}


def headed(answer: dict[str, Any], route: ProxyRoute) -> dict[str, Any]:
    """The answer with the headers that the door adds."""
    names = (*ALWAYS, *(COUNTED if route.limit in LIMITS else ()))
    return {**answer, "headers": {**answer.get("headers", {}), **referring(*names)}}


def is_problem(answer: dict[str, Any]) -> bool:
    """Whether a service describes an answer as a problem, or FastAPI as errors of its own that are not used here."""
    content = answer.get("content", {})
    return "application/problem+json" in content or "HTTPValidationError" in str(content)
