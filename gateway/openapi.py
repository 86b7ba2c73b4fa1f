"""One description of the whole API: the services' own OpenAPI documents, merged, and what the door serves itself."""

import asyncio
import gzip
import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self

import structlog

from gateway.answers import HEADERS, REFUSALS, headed, is_problem, refusals
from gateway.proxy import Proxy
from gateway.routes import LIVE, OWN, PUBLIC, ROUTES, RouteTable
from shared.errors import Problem
from shared.openapi import PROBLEM

FRESH_SECONDS = 30.0
SERVICES = tuple(dict.fromkeys(route.service for route in ROUTES if route.service not in (OWN, LIVE)))
METHODS = ("get", "post", "put", "patch", "delete")
STREAM = {
    "description": "A stream of server-sent events, from now on. `Last-Event-ID`, the id of the last step one has, "
    "goes on from there; steps of the two seconds before it may come again, with the same id. `0` tells all.",
    "content": {"text/event-stream": {"schema": {"type": "string"}}},
}
LAST = [
    {"name": "Last-Event-ID", "in": "header", "required": False, "schema": {"type": "string", "maxLength": 80}},
    {
        "name": "last_event_id",
        "in": "query",
        "required": False,
        "description": "the same, for clients that cannot send the header",
        "schema": {"type": "string", "maxLength": 80},
    },
]
STREAMS: dict[str, Any] = {
    "/api/v1/events": {
        "get": {
            "tags": ["live"],
            "operationId": "live_events",
            "summary": "Every step of the caller's own requests, as it happens",
            "security": [{"token": []}],
            "parameters": LAST,
            "responses": {"200": STREAM},
        }
    },
    "/api/v1/assignments/events": {
        "get": {
            "tags": ["live"],
            "operationId": "live_assignments",
            "summary": "Every change of the assignments of the caller's department, as it happens",
            "security": [{"token": []}],
            "parameters": LAST,
            "responses": {"200": STREAM},
        }
    },
    "/api/v1/track/{number}/events": {
        "get": {
            "tags": ["live"],
            "operationId": "live_track",
            "summary": "Every step of one request, by its number and the last four digits of the mobile",
            "security": [],
            "parameters": [
                {"name": "number", "in": "path", "required": True, "schema": {"type": "string"}},
                {
                    "name": "mobile",
                    "in": "query",
                    "required": True,
                    "schema": {"type": "string", "pattern": "^[0-9]{4}$"},
                },
                *LAST,
            ],
            "responses": {"200": STREAM, "422": {"$ref": "#/components/responses/422"}},
        }
    },
}
REFERENCE = re.compile(r'"#/components/schemas/([^"]+)"')

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Pack:
    """A text as it is and compressed."""

    plain: bytes
    zipped: bytes

    @classmethod
    def of(cls, write: Callable[[dict[str, Any]], bytes], merged: dict[str, Any]) -> Self:
        """What is written of a description."""
        plain = write(merged)
        return cls(plain, gzip.compress(plain, 6))


class Description:
    """Fetches and merges, and keeps what it had of a service that is away."""

    def __init__(self, proxy: Proxy, public_url: str) -> None:
        self._proxy = proxy
        self._public_url = public_url
        self._parts: dict[str, dict[str, Any]] = {}
        self._fetched = float("-inf")
        self._merged: dict[str, Any] = {}
        self._fetching = asyncio.Lock()
        self._written: dict[Callable[[dict[str, Any]], bytes], tuple[dict[str, Any], Pack]] = {}

    async def merged(self) -> dict[str, Any]:
        """The description of all that can be reached through the door."""
        async with self._fetching:
            if time.monotonic() - self._fetched > FRESH_SECONDS:
                complete = all(await asyncio.gather(*map(self._fetch, SERVICES)))
                merged = merge(self._parts, self._public_url)
                if merged != self._merged:  # else what was written of it stands
                    self._merged = merged
                self._fetched = time.monotonic() if complete else float("-inf")
            return self._merged

    async def written(self, write: Callable[[dict[str, Any]], bytes]) -> Pack:
        """The description as `write` writes it: once for each description, since it takes the gateway some time."""
        merged = await self.merged()
        kept = self._written.get(write)
        if kept is None or kept[0] is not merged:
            kept = self._written[write] = merged, await asyncio.to_thread(Pack.of, write, merged)
        return kept[1]

    async def _fetch(self, service: str) -> bool:
        try:
            answer = await self._proxy.ask(service, "GET", "/openapi.json", {})
            self._parts[service] = json.loads(answer.body)
        except (Problem, ValueError) as error:
            log.warning("openapi.away", upstream=service, error=type(error).__name__)
            return False
        return True


def merge(parts: Mapping[str, Mapping[str, Any]], public_url: str) -> dict[str, Any]:
    """One document of many; no two types have one name, so that generators of clients can make each."""
    table = RouteTable()
    paths: dict[str, Any] = {}
    schemas: dict[str, Any] = {"Problem": PROBLEM}
    for service, part in sorted(parts.items()):
        schemas |= part.get("components", {}).get("schemas", {})
        for path, item in part.get("paths", {}).items():
            kept = {
                method: operation_of(service, table, method, path, operation)
                for method, operation in item.items()
                if method in METHODS and reachable(table, method, path, service)
            }
            if kept:
                paths.setdefault(path, {}).update(kept)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Rabta",
            "version": "1",
            "description": "File applications and complaints with government, follow them live, and be heard.",
        },
        "servers": [{"url": public_url}],
        "paths": dict(sorted((paths | streams(table)).items())),
        "components": {
            "schemas": {name: schemas[name] for name in sorted(used(schemas, paths, REFUSALS))},
            "responses": REFUSALS,
            "headers": HEADERS,
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
                "key": {"type": "http", "scheme": "Key", "description": "The key of a request filed without a name"},
            },
        },
    }


def used(schemas: Mapping[str, Any], *places: Any) -> set[str]:
    """The types that are referred to in these places, and in those types again."""
    found: set[str] = set()
    named = set(REFERENCE.findall(json.dumps(places)))
    while named - found:
        found |= named
        named = set(REFERENCE.findall(json.dumps([schemas[name] for name in named])))
    return found


def streams(table: RouteTable) -> dict[str, Any]:
    """The streams, which the door serves itself, with their refusals."""
    described: dict[str, Any] = {}
    for path, item in STREAMS.items():
        get = item["get"]
        route = table.find("GET", path)
        said = {
            status: answer if "$ref" in answer else headed(answer, route) for status, answer in get["responses"].items()
        }
        responses = said | refusals(route, "get", path, get)
        described[path] = {"get": {**get, "responses": responses}}
    return described


def reachable(table: RouteTable, method: str, path: str, service: str) -> bool:
    """Whether the door lets this operation of that service in."""
    try:
        return table.find(method.upper(), path).service == service
    except Problem:
        return False


def operation_of(service: str, table: RouteTable, method: str, path: str, operation: dict[str, Any]) -> dict[str, Any]:
    """The operation as clients see it: the right it needs, and its refusals."""
    route = table.find(method.upper(), path)
    answers = operation.get("responses", {}).items()
    said = {status: headed(answer, route) for status, answer in answers if not is_problem(answer)}
    tags = operation.get("tags") or [service]
    return {
        **operation,
        "summary": in_short(operation),
        "tags": tags,
        "operationId": f"{tags[0].replace(' ', '_')}_{name_of(method, path, operation)}",
        "security": [] if route.who == PUBLIC else operation.get("security", [{"token": []}]),
        "responses": dict(sorted((said | refusals(route, method, path, operation)).items())),
    }


def name_of(method: str, path: str, operation: Mapping[str, Any]) -> str:
    """The name of an operation, without the path and method that FastAPI adds to it."""
    return str(operation.get("operationId", method)).removesuffix(f"_{method}").removesuffix(re.sub(r"\W", "_", path))


def in_short(operation: Mapping[str, Any]) -> str:
    """What it does, in the first words of its description, which say more than the name of a function."""
    beginning = re.match(r"(?:\([^)]*\)|[^.:;(])+", " ".join(str(operation.get("description", "")).split()))
    return beginning[0].strip() if beginning else str(operation.get("summary", ""))
