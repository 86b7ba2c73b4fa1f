"""Checks responses of the portal against the OpenAPI descriptions of its services."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

import jsonschema_rs

from deploy.docs.routes import SERVICES, app_of
from deploy.local.home import ROOT
from shared.openapi import HEADERS, types_of

EXAMPLES = {service: ROOT / "services" / service / "examples.yaml" for service in SERVICES}

TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9.]+(Z|[+-][0-9:]+)?")
WRITTEN = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")


@cache
def description_of(service: str) -> dict[str, Any]:
    """The OpenAPI description of a service, as the gateway fetches it."""
    return app_of(service).openapi()


def mistakes_in(service: str, name: str, value: dict[str, Any]) -> list[str]:
    """The places where a value does not match the type or has an undeclared field; never the values."""
    wrong = [
        f"{list(error.instance_path)}: {error.kind.name}" for error in _validator(service, name).iter_errors(value)
    ]
    fields = description_of(service)["components"]["schemas"][name].get("properties", {})
    wrong += [f"{field} is not described" for field in sorted(value.keys() - fields.keys())]
    return wrong + [f"{place} is not written like other times" for place in odd_times(value)]


def odd_times(value: Any, place: str = "") -> Iterator[str]:
    """The places of times that are not formatted as by `shared.clock.written`."""
    if isinstance(value, str):
        if TIME.fullmatch(value) and not WRITTEN.fullmatch(value):
            yield place
    elif isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from odd_times(item, f"{place}/{key}")


def mistakes_of_answer(
    method: str, path: str, status: int, body: Any, headers: Mapping[str, str] = MappingProxyType({})
) -> list[str]:
    """What is wrong with a JSON response of the portal; empty if it matches one of its described types."""
    for pattern, service, operation in _operations(method):
        if pattern.fullmatch(path.partition("?")[0]):
            answer = operation["responses"].get(str(status), {})
            unsaid = [name for name in HEADERS if name in headers and name not in answer.get("headers", {})]
            if unsaid:
                return [f"the header {name} is not described" for name in unsaid]
            content = answer.get("content", {}).get("application/json")
            if content is None:
                return [f"{status} with JSON is not described"]
            found = [mistakes_in(service, name, body) for name in types_of(content["schema"])]
            return min(found, key=len)
    return []


@cache
def _validator(service: str, name: str) -> Any:
    components = description_of(service)["components"]
    return jsonschema_rs.Draft202012Validator({"$ref": f"#/components/schemas/{name}", "components": components})


@cache
def _operations(method: str) -> list[tuple[re.Pattern[str], str, dict[str, Any]]]:
    """Operations by the pattern of their path, those with fewer parameters first."""
    found = [
        (path, service, operations[method.lower()])
        for service in SERVICES
        for path, operations in description_of(service)["paths"].items()
        if method.lower() in operations
    ]
    found.sort(key=lambda one: one[0].count("{"))
    return [(re.compile(re.sub(r"{[^}]+}", "[^/]+", path)), service, operation) for path, service, operation in found]
