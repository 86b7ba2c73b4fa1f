"""The messages in the code: publisher and consumers of each event, and what departments receive and send."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import aiohttp
from pydantic import BaseModel

from services.identity import handlers as identity
from services.notifier import handlers as notifier
from services.notifier.handlers import contact_handlers
from services.notifier.officers.work_items import ONLY_STAFF
from services.requests import handlers as requests
from services.routing import handlers as routing
from services.routing.broker import BrokerAdmin
from services.routing.feed.bodies import DEPARTMENT_EVENTS as DEPARTMENT_EVENTS
from services.routing.models import acts
from services.routing.service.routing import RequestRouter
from shared.events import EVENTS, Event, sealed_fields
from shared.seal import KeyRing

NOTHING: Any = (None, None, None)
HANDLED: Mapping[str, set[str]] = {
    "identity": {
        *identity.HANDLERS,
        *identity.SERVICE_HANDLERS,
        *identity.RULES_HANDLERS,
        *identity.DELIVERY_HANDLERS,
        *identity.access_handlers(cast(KeyRing, None)),
    },
    "requests": {
        *requests.HANDLERS,
        *requests.CITIZEN_HANDLERS,
        *requests.DEPARTMENT_HANDLERS,
        *requests.STAFF_HANDLERS,
    },
    # These tables only need a router and keys when a handler runs.
    "routing": {*routing.handlers_of(RequestRouter(*NOTHING)), *routing.SERVICE_HANDLERS, *routing.STAFF_HANDLERS},
    "notifier": {*notifier.HANDLERS, *contact_handlers(cast(KeyRing, None)), *notifier.STAFF_HANDLERS, *ONLY_STAFF},
}
ACTIONS: tuple[type[acts.Act], ...] = (
    acts.Accept,
    acts.Ask,
    acts.Progress,
    acts.Transfer,
    acts.Resolve,
    acts.Delay,
)
PUBLISHERS = tuple(dict.fromkeys(event.source for event in EVENTS))


@dataclass(frozen=True)
class Field:
    """A field of a message, for the page."""

    name: str
    kind: str
    needed: bool


def consumers(event: type[Event]) -> list[str]:
    """The services that handle an event."""
    return [service for service, types in HANDLED.items() if event.type in types]


def summary(model: type[BaseModel]) -> str:
    """The docstring of a message on one line."""
    return " ".join((model.__doc__ or "").split())


def action_of(act: type[acts.Act]) -> str:
    """The name of an action."""
    name: str = act.model_fields["action"].default
    return name


def action_schema(act: type[acts.Act]) -> dict[str, Any]:
    """The JSON Schema of an action's message."""
    schema = schema_of(act)
    number = {"type": "string", "description": "the tracking number"}
    schema["properties"] = {"request": number, **schema["properties"]}
    schema["required"] = ["request", "action", *(name for name in schema.get("required", []) if name != "action")]
    return schema


def department_schema(event: type[Event]) -> dict[str, Any]:
    """The JSON Schema of an event as departments get it: without sealed texts, and with the path of the details."""
    schema, hidden = schema_of(event), sealed_fields(event)
    properties = {name: part for name, part in schema["properties"].items() if name not in hidden}
    details = ["details"] if event.type.startswith("request.") else []
    for name in details:
        properties.setdefault(name, {"type": "string", "description": "the path of the request at the gateway"})
    properties["test"] = {"const": True, "description": "invented, for trying"}
    required = [name for name in schema.get("required", []) if name not in hidden]
    return schema | {"properties": properties, "required": list(dict.fromkeys([*required, *details]))}


def schema_of(model: type[BaseModel]) -> dict[str, Any]:
    """The JSON Schema of a message, without the titles that pydantic derives from field names."""
    schema = model.model_json_schema()
    inlined: dict[str, Any] = _inlined(schema, schema.pop("$defs", {}))
    return inlined | {"description": summary(model)}


def _inlined(part: Any, definitions: Mapping[str, Any]) -> Any:
    """The schema without titles, and with its definitions inlined: in a larger document, references do not resolve."""
    if isinstance(part, dict):
        if str(part.get("$ref", "")).startswith("#/$defs/"):
            return _inlined(definitions[part["$ref"].removeprefix("#/$defs/")], definitions)
        kept = {name: value for name, value in part.items() if name != "title" or not isinstance(value, str)}
        return {name: _inlined(value, definitions) for name, value in kept.items()}
    return [_inlined(value, definitions) for value in part] if isinstance(part, list) else part


def fields_of(schema: Mapping[str, Any]) -> list[Field]:
    """The fields of a message's schema."""
    needed = schema.get("required", [])
    return [Field(name, _described(part), name in needed) for name, part in schema.get("properties", {}).items()]


def department_rights(user: str) -> dict[str, dict[str, str]]:
    """The broker permissions of a department's user, taken from the calls that routing makes."""
    broker = _Recorder("http://rabta:rabta@127.0.0.1:15673", "rabta")
    asyncio.run(broker.make_user(cast(aiohttp.ClientSession, None), user, user, "hash"))
    return {path.partition("/")[0]: body for path, body in broker.puts if "permissions" in path}


class _Recorder(BrokerAdmin):
    """Records the calls to the management API instead of making them."""

    def __init__(self, url: str, vhost: str) -> None:
        super().__init__(url, vhost)
        self.puts: list[tuple[str, dict[str, str]]] = []

    async def _put(self, http: aiohttp.ClientSession, path: str, body: Mapping[str, object]) -> None:
        self.puts.append((path, {name: str(value) for name, value in body.items()}))


def _described(part: Mapping[str, Any]) -> str:
    """The type of a value, and its description."""
    says = "" if "x-sealed" in str(part) else part.get("description", "")
    return f"{_kind(part)}: {says}" if says else _kind(part)


def _kind(part: Mapping[str, Any]) -> str:
    if "anyOf" in part:
        return " or ".join(_kind(choice) for choice in part["anyOf"] if choice.get("type") != "null")
    if "const" in part:
        return f"`{part['const']}`"
    if "enum" in part:
        return " or ".join(f"`{value}`" for value in part["enum"])
    if part.get("x-sealed"):
        return "sealed text"
    if part.get("format") == "date-time":
        return "time"
    if part.get("type") == "array":
        return f"list of {_kind(part.get('items', {}))}"
    if part.get("type") == "object" and part.get("additionalProperties") == {"type": "string"}:
        return "words by language"
    kind, least, most = str(part.get("type", "any")), part.get("minLength", 0), part.get("maxLength")
    if not most:
        return kind
    return f"{kind} of {least} to {most}" if least > 1 else f"{kind} up to {most}"
