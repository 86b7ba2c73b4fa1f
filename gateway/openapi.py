"""The description of the whole API: the OpenAPI documents of all services, merged, and the live streams."""

import asyncio
import gzip
import json
import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import structlog
import yaml

from gateway.openapi_responses import HEADERS, PROBLEM_RESPONSES, is_problem, problem_responses, with_headers
from gateway.proxy import Proxy
from gateway.routes import NOT_PROXIED, PUBLIC, ROUTES, ProxyRoute, RouteTable
from shared.errors import Problem
from shared.openapi import PROBLEM

FRESH_SECONDS = 30.0
SERVICES = tuple(dict.fromkeys(route.service for route in ROUTES if route.service not in NOT_PROXIED))
METHODS = ("get", "post", "put", "patch", "delete")
STREAMS: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("streams.yaml").read_text(encoding="utf-8"))
"""The live streams by path."""
REFERENCE = re.compile(r'"#/components/schemas/([^"]+)"')

Renderer = Callable[[dict[str, Any]], bytes]
"""Renders the description as JSON or as a page."""

log = structlog.get_logger(__name__)


class ApiDescription:
    """Fetches the services' descriptions and merges them; keeps the last one of a service that does not answer."""

    def __init__(self, proxy: Proxy, public_url: str) -> None:
        self._proxy = proxy
        self._public_url = public_url
        self._parts: dict[str, dict[str, Any]] = {}
        self._fetched = float("-inf")
        self._merged: dict[str, Any] = {}
        self._fetching = asyncio.Lock()
        self._rendered: dict[Renderer, tuple[dict[str, Any], tuple[bytes, bytes]]] = {}

    async def merged(self) -> dict[str, Any]:
        """The description of everything that clients can reach."""
        async with self._fetching:
            if time.monotonic() - self._fetched > FRESH_SECONDS:
                complete = all(await asyncio.gather(*map(self._fetch, SERVICES)))
                merged = merge(self._parts, self._public_url)
                if merged != self._merged:  # otherwise its renderings stay valid
                    self._merged = merged
                self._fetched = time.monotonic() if complete else float("-inf")
            return self._merged

    async def rendered(self, render: Renderer) -> tuple[bytes, bytes]:
        """The description rendered by `render`, plain and compressed: once for each description, as it takes time."""
        merged = await self.merged()
        kept = self._rendered.get(render)
        if kept is None or kept[0] is not merged:
            kept = self._rendered[render] = merged, await asyncio.to_thread(compressed, render, merged)
        return kept[1]

    async def _fetch(self, service: str) -> bool:
        try:
            answer = await self._proxy.ask(service, "GET", "/openapi.json", {})
            self._parts[service] = json.loads(answer.body)
        except (Problem, ValueError) as error:
            log.warning("openapi.away", upstream=service, error=type(error).__name__)
            return False
        return True


def compressed(render: Renderer, description: dict[str, Any]) -> tuple[bytes, bytes]:
    """The rendered description, plain and compressed."""
    plain = render(description)
    return plain, gzip.compress(plain, 6)


def merge(parts: Mapping[str, Mapping[str, Any]], public_url: str) -> dict[str, Any]:
    """One document of many. Type names are unique over all services, so generated clients get every type."""
    table = RouteTable()
    paths: dict[str, Any] = {}
    schemas: dict[str, Any] = {"Problem": PROBLEM}
    for service, part in sorted(parts.items()):
        schemas |= part.get("components", {}).get("schemas", {})
        for path, item in part.get("paths", {}).items():
            kept = {
                method: described_operation(service, table, method, path, operation)
                for method, operation in item.items()
                if method in METHODS and is_reachable(table, method, path, service)
            }
            if kept:
                paths.setdefault(path, {}).update(kept)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Rabta",
            "version": "1",
            "description": "File applications and complaints with government, follow them live, and be heard. "
            "Apps of partners can also use Open311 (GeoReport v2) at `/open311/v2`.",
        },
        "servers": [{"url": public_url}],
        "paths": dict(sorted((paths | described_streams(table)).items())),
        "components": {
            "schemas": {name: schemas[name] for name in sorted(referenced(schemas, paths, PROBLEM_RESPONSES))},
            "responses": PROBLEM_RESPONSES,
            "headers": HEADERS,
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
                "partner": {"type": "http", "scheme": "Partner", "description": "The key of a partner"},
                "key": {"type": "http", "scheme": "Key", "description": "The key of a request filed without a name"},
            },
        },
    }


def referenced(schemas: Mapping[str, Any], *parts: Any) -> set[str]:
    """The names of the types that these parts refer to, directly or through other types."""
    found: set[str] = set()
    named = set(REFERENCE.findall(json.dumps(parts)))
    while named - found:
        found |= named
        named = set(REFERENCE.findall(json.dumps([schemas[name] for name in named])))
    return found


def described_streams(table: RouteTable) -> dict[str, Any]:
    """The live streams with their headers and problem responses."""
    described: dict[str, Any] = {}
    for path, item in STREAMS.items():
        get = item["get"]
        route = table.find("GET", path)
        own = {
            status: response if "$ref" in response else with_headers(response, route)
            for status, response in get["responses"].items()
        }
        responses = own | problem_responses(route, "get", path, get)
        described[path] = {"get": {**get, "responses": responses}}
    return described


def is_reachable(table: RouteTable, method: str, path: str, service: str) -> bool:
    """Whether the gateway forwards this operation to that service."""
    try:
        return table.find(method.upper(), path).service == service
    except Problem:
        return False


def described_operation(
    service: str, table: RouteTable, method: str, path: str, operation: dict[str, Any]
) -> dict[str, Any]:
    """The operation as clients see it: with the right that it needs, its problem responses and its headers."""
    route = table.find(method.upper(), path)
    responses = operation.get("responses", {}).items()
    own = {status: with_headers(response, route) for status, response in responses if not is_problem(response)}
    tags = operation.get("tags") or [service]
    return {
        **operation,
        "summary": summary_of(operation),
        "tags": tags,
        "operationId": f"{tags[0].replace(' ', '_')}_{operation_name(method, path, operation)}",
        "security": security_of(route, operation),
        "responses": dict(sorted((own | problem_responses(route, method, path, operation)).items())),
    }


def security_of(route: ProxyRoute, operation: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What a caller has to show: a token, the key of a request or of a partner, or nothing."""
    if route.limit == "partner":
        return [{"partner": []}]
    shown: list[dict[str, Any]] = [] if route.access == PUBLIC else operation.get("security", [{"token": []}])
    return shown


def operation_name(method: str, path: str, operation: Mapping[str, Any]) -> str:
    """The name of the function, without the path and method that FastAPI appends."""
    return str(operation.get("operationId", method)).removesuffix(f"_{method}").removesuffix(re.sub(r"\W", "_", path))


def summary_of(operation: Mapping[str, Any]) -> str:
    """The first clause of the description, which says more than the name of the function."""
    beginning = re.match(r"(?:\([^)]*\)|[^.:;(])+", " ".join(str(operation.get("description", "")).split()))
    return beginning[0].strip() if beginning else str(operation.get("summary", ""))
