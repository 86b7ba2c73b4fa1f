"""Parts of the API description that the gateway adds to every operation: problem responses and response headers."""

from typing import Any

from gateway.limits import LIMITS
from gateway.routes import PUBLIC, ProxyRoute
from shared.openapi import MEANING, TEXT

HEADERS: dict[str, dict[str, Any]] = {
    "X-Request-Id": {"description": "Identifies the response in the portal's logs", "schema": TEXT},
    "RateLimit": {"description": "How many requests are left, and in how many seconds all are back", "schema": TEXT},
    "RateLimit-Policy": {"description": "How many requests in how many seconds", "schema": TEXT},
    "Retry-After": {"description": "In how many seconds to come back", "schema": {"type": "integer"}},
    "Content-Language": {"description": "Language of the texts: `en` or `ur`", "schema": TEXT},
    "WWW-Authenticate": {"description": "How to sign in (RFC 9110, section 11.6.1)", "schema": TEXT},
}
"""Headers that the gateway adds to many responses. RateLimit follows draft-ietf-httpapi-ratelimit-headers-11."""
LIMIT_HEADERS = ("RateLimit", "RateLimit-Policy")
PROBLEM_HEADERS = {
    401: ("WWW-Authenticate",),
    409: ("Retry-After",),
    429: ("Retry-After", *LIMIT_HEADERS),
    503: ("Retry-After",),
}


def header_refs(*names: str) -> dict[str, dict[str, str]]:
    """References to headers of the description."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


PROBLEM_RESPONSES = {
    str(status): {
        "description": f"{meaning}.",
        "headers": header_refs("X-Request-Id", "Content-Language", *PROBLEM_HEADERS.get(status, ())),
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for status, meaning in MEANING.items()
}
"""One response for each error status: a problem (RFC 9457) in the language of Accept-Language."""


def problem_responses(route: ProxyRoute, method: str, path: str, operation: dict[str, Any]) -> dict[str, Any]:
    """References to the problem responses of an operation by status, except where the service describes its own."""
    responses: dict[str, Any] = operation.get("responses", {})
    statuses = {400, 429, 503, 504}
    if route.access != PUBLIC:
        statuses |= {401, 403}
    if route.limit == "partner":
        statuses |= {401, 404}
    if "{" in path:
        statuses.add(404)
    if method != "get":
        statuses |= {409, 413}
    if any(parameter["name"] == "If-Match" for parameter in operation.get("parameters", ())):
        statuses |= {412, 428}
    if "requestBody" in operation:
        statuses |= {413, 415, 422}
    if route.files and method != "get":
        statuses.add(408)
    own = {status for status, response in responses.items() if not is_problem(response)}
    statuses |= {int(status) for status in responses if status not in own}
    return {str(one): {"$ref": f"#/components/responses/{one}"} for one in sorted(statuses) if str(one) not in own}


def with_headers(response: dict[str, Any], route: ProxyRoute) -> dict[str, Any]:
    """The response with the headers that the gateway adds."""
    names = ("X-Request-Id", *(LIMIT_HEADERS if route.limit in LIMITS else ()))
    return {**response, "headers": {**response.get("headers", {}), **header_refs(*names)}}


def is_problem(response: dict[str, Any]) -> bool:
    """Whether a response is a problem, or FastAPI's own validation error, which the services never send."""
    content = response.get("content", {})
    return "application/problem+json" in content or "HTTPValidationError" in str(content)
