"""`docs/asyncapi.yaml`: the messages as an AsyncAPI document with AMQP bindings.

Version 3.0.0, because generators do not support 3.1.0 yet.
"""

import re
from typing import Any

import yaml
from pydantic import BaseModel

from deploy.docs.contracts import (
    ACTIONS,
    DEPARTMENT_EVENTS,
    HANDLED,
    action_of,
    action_schema,
    consumers,
    department_schema,
    schema_of,
    summary,
)
from deploy.docs.webhooks import (
    SERVER,
    WEBHOOK,
    webhook_channel,
    webhook_message,
    webhook_operation,
    webhook_schemas,
)
from services.routing.answers import ACCEPTED, REJECTED
from services.routing.models.assignment import DEPARTMENT_ACTIONS, AssignmentState
from shared.bus.topology import ACTIONS as ACTIONS_EXCHANGE
from shared.bus.topology import EVENTS, EXCHANGES, department_queue
from shared.events import EVENTS as ALL
from shared.settlement import ANSWER, QUESTION, DeliveryAnswer, DeliveryQuestion

VERSION = "3.0.0"
BINDING = "0.3.0"
HEADER = "# Written by `python -m deploy.docs` from the code; do not edit.\n"
DEPARTMENT, ACTING, TALK = "department", "department.actions", "settlement"
SETTLEMENT: dict[str, type[BaseModel]] = {QUESTION: DeliveryQuestion, ANSWER: DeliveryAnswer}
Json = dict[str, Any]
TEXT: Json = {"type": "string"}
NUMBER: Json = {"type": "integer"}
ATTRIBUTES: Json = {
    "ce-specversion": {"const": "1.0"},
    "ce-id": TEXT,
    "ce-source": TEXT,
    "ce-type": TEXT,
    "ce-subject": TEXT,
    "ce-time": {**TEXT, "format": "date-time"},
    "ce-seq": {**NUMBER, "minimum": 1},
}
NUMBERED: Json = {
    **ATTRIBUTES,
    "ce-number": {
        **NUMBER,
        "minimum": 1,
        "description": "1, 2, 3… among all messages of the department, without a gap; test messages are counted apart",
    },
    "ce-test": {"const": "true", "description": "invented, for trying"},
    "x-rabta-attempt": {**NUMBER, "description": "how often a message that you rejected was sent again"},
}
NOT_THE_BINDING = (
    "CloudEvents 1.0 attributes as AMQP 0-9-1 headers with the prefix `ce-`; the body contains only the data. This is "
    "not the AMQP binding of CloudEvents, which is for AMQP 1.0 and uses the prefix `cloudEvents:`."
)
HEADERS: Json = {
    "CloudEvent": (NOT_THE_BINDING, tuple(ATTRIBUTES)),
    "DepartmentMessage": (
        "The headers of an event for a department: those of every event, with its number",
        (*ATTRIBUTES, "ce-number"),
    ),
    "Refusal": ("The headers of an answer to an action", ("ce-specversion", "ce-id", "ce-source", "ce-type")),
    "Settling": ("The headers of settlement messages", ("ce-id", "ce-type")),
}
"""Schemas of message headers by name: description and headers."""
PROPERTIES: Json = {
    "content_type": {"const": "application/json"},
    "delivery_mode": {"const": 2},
    "message_id": {**TEXT, "description": "unique; the same if the message is published again"},
}
ABOUT: Json = {"correlation_id": {**TEXT, "description": "the record concerned, as in `ce-subject`"}}
SENDER: Json = {
    "user_id": {**TEXT, "pattern": "^department\\.", "description": "your user; the broker checks it"},
}


def asyncapi_text() -> str:
    """The document as YAML."""
    text: str = yaml.dump(asyncapi(), Dumper=_Plain, sort_keys=False, allow_unicode=True, width=120)
    return HEADER + text


class _Plain(yaml.SafeDumper):
    """Writes repeated values in full, without YAML aliases."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def asyncapi() -> Json:
    """The document."""
    return {
        "asyncapi": VERSION,
        "info": {
            "title": "Rabta",
            "version": "1",
            "description": "The events of Rabta's services, and the messages of departments' software.",
        },
        "defaultContentType": "application/json",
        "servers": {
            "broker": {
                "host": "{host}",
                "pathname": "/rabta",
                "protocol": "amqp",
                "protocolVersion": "0.9.1",
                "description": "RabbitMQ",
                "variables": {"host": {"default": "127.0.0.1:5673", "description": "host and port"}},
                "security": [{"$ref": "#/components/securitySchemes/user"}],
            },
            "receiver": SERVER,
        },
        "channels": _channels(),
        "operations": _operations(),
        "components": {
            "messages": _messages(),
            "schemas": _schemas(),
            "securitySchemes": {"user": {"type": "userPassword", "description": "an AMQP user"}},
        },
    }


def _channels() -> Json:
    channels = {
        event.type: {
            "address": event.type,
            "messages": _refs([event.type]),
            "bindings": _exchange(EVENTS),
        }
        for event in ALL
    }
    code = {"code": {"description": "the department's code"}}
    channels[DEPARTMENT] = {
        "address": "department.{code}",
        "description": "A department's queue; only its user may read it. `department.{code}.{name}` is a further one.",
        "parameters": code,
        "messages": _refs([*(told(event.type) for event in DEPARTMENT_EVENTS), ACCEPTED, REJECTED]),
        "bindings": _queue(department_queue("{code}").name),
    }
    channels[WEBHOOK] = webhook_channel()
    channels[ACTING] = {
        "address": "department.{code}",
        "description": "Actions of a department. The routing key is the user's own queue: that of the department, or "
        "`department.{code}.{name}` for a further one; the broker refuses any other.",
        "parameters": code,
        "messages": _refs([_action(act) for act in ACTIONS]),
        "bindings": _exchange(ACTIONS_EXCHANGE),
    }
    for service in HANDLED:
        channels[f"{TALK}.{service}"] = {
            "address": service,
            "description": f"The queue of {service}: settlement's questions and answers.",
            "messages": _refs(list(SETTLEMENT)),
            "bindings": _queue(service),
        }
    return channels


def _operations() -> Json:
    operations: Json = {}
    for event in ALL:
        operations[f"{event.source}.says.{event.type}"] = _operation("send", event.type, [event.type], event.source)
        for service in consumers(event):
            operations[f"{service}.hears.{event.type}"] = _operation("receive", event.type, [event.type], service)
    for event in DEPARTMENT_EVENTS:
        name = f"department.hears.{event.type}"
        operations[name] = _operation("receive", DEPARTMENT, [told(event.type)], "department")
    for answer in (ACCEPTED, REJECTED):
        operations[f"department.hears.{answer}"] = _operation("receive", DEPARTMENT, [answer], "department")
    operations[f"department.hears.{WEBHOOK}"] = webhook_operation()
    for act in ACTIONS:
        kind = _action(act)
        operations[f"department.does.{action_of(act)}"] = _operation("send", ACTING, [kind], "department")
        operations[f"routing.hears.{action_of(act)}"] = _operation("receive", ACTING, [kind], "routing")
    for service in HANDLED:
        operations[f"{service}.settles"] = _operation("receive", f"{TALK}.{service}", list(SETTLEMENT), service)
    return operations


def _messages() -> Json:
    messages: Json = {}
    for event in ALL:
        messages[event.type] = _message(event.type, summary(event), "CloudEvent", ABOUT) | {
            "correlationId": {"location": "$message.header#/ce-subject", "description": "the record concerned"},
        }
    for event in DEPARTMENT_EVENTS:
        messages[told(event.type)] = _message(event.type, summary(event), "DepartmentMessage", ABOUT) | {
            "payload": _ref("schemas", type_name(told(event.type))),
            "correlationId": {"location": "$message.header#/ce-subject", "description": "the record concerned"},
        }
    messages[WEBHOOK] = webhook_message()
    for act in ACTIONS:
        messages[_action(act)] = _message(_action(act), summary(act), None, SENDER)
    messages[ACCEPTED] = _message(ACCEPTED, "An action was done; sent to its `reply_to`.", "Refusal")
    messages[REJECTED] = _message(REJECTED, "An action was refused, with the reason.", "Refusal")
    for kind, model in SETTLEMENT.items():
        messages[kind] = _message(kind, summary(model), "Settling")
    return messages


def _schemas() -> Json:
    bodies = {
        **{event.type: schema_of(event) for event in ALL},
        **{_action(act): action_schema(act) for act in ACTIONS},
        **{kind: schema_of(model) for kind, model in SETTLEMENT.items()},
        **{told(event.type): department_schema(event) for event in DEPARTMENT_EVENTS},
        ACCEPTED: _receipt(),
        REJECTED: _refusal(),
    }
    headers = {
        name: {
            "type": "object",
            "description": description,
            "properties": NUMBERED if name == "DepartmentMessage" else {header: ATTRIBUTES[header] for header in there},
            "required": list(there),
        }
        for name, (description, there) in HEADERS.items()
    }
    webhooks = webhook_schemas({event.type: type_name(told(event.type)) for event in DEPARTMENT_EVENTS})
    return headers | webhooks | {type_name(kind): schema for kind, schema in bodies.items()}


def type_name(kind: str) -> str:
    """The type name of a message: `RequestRoutedV1`. Generators read dots as module separators."""
    return "".join(part.capitalize() for part in re.split(r"[._]", kind))


def told(kind: str) -> str:
    """The name of a message as departments get it: not all have the same fields as the event."""
    return f"{DEPARTMENT}.{kind}"


STANDING: Json = {
    "state": {"enum": [str(state) for state in AssignmentState], "description": "of the request at your department"},
    "etag": {**TEXT, "description": "its revision, as `If-Match` takes it"},
    "due_at": {"anyOf": [{**TEXT, "format": "date-time"}, {"type": "null"}]},
    "actions": {
        "type": "array",
        "items": {"enum": list(DEPARTMENT_ACTIONS)},
        "description": "what your software can do now",
    },
    "test": {"const": True, "description": "the answer to a test system"},
}
"""How the request stands after an action; left out if your department does not have it (any more)."""


def _receipt() -> Json:
    action = {**TEXT, "description": "the message_id of the action"}
    return {
        "type": "object",
        "description": "What an action led to",
        "properties": {"request": {**TEXT, "description": "the tracking number"}, "action": action, **STANDING},
        "required": ["request", "action"],
    }


def _refusal() -> Json:
    text = TEXT
    entry = {"type": "object", "properties": {"pointer": text, "code": text, "message": text}}
    return {
        "type": "object",
        "description": "RFC 9457 problem details",
        "properties": {
            "type": text,
            "title": text,
            "status": NUMBER,
            "detail": text,
            "errors": {"type": "array", "items": entry},
            "request": {**text, "description": "the tracking number, if it could be read"},
            "action": {**text, "description": "the message_id of the refused action"},
            **STANDING,
        },
        "required": ["type", "title", "status", "detail", "errors", "request", "action"],
    }


def _message(kind: str, text: str, headers: str | None, properties: Json | None = None) -> Json:
    needed = PROPERTIES | (properties or {})
    return {
        "name": kind,
        "summary": text,
        "contentType": "application/json",
        **({"headers": _ref("schemas", headers)} if headers else {}),
        "payload": _ref("schemas", type_name(kind)),
        "x-amqp-properties": {"type": "object", "properties": needed, "required": list(needed)},
    }


def _operation(action: str, channel: str, messages: list[str], tag: str) -> Json:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{channel}"},
        "tags": [{"name": tag}],
        "messages": [{"$ref": f"#/channels/{channel}/messages/{kind}"} for kind in messages],
        **(
            {"bindings": {"amqp": {"deliveryMode": 2, "mandatory": True, "bindingVersion": BINDING}}}
            if action == "send"
            else {}
        ),
    }


def _exchange(name: str) -> Json:
    exchange = {"name": name, "type": EXCHANGES[name], "durable": True, "autoDelete": False, "vhost": "rabta"}
    return {"amqp": {"is": "routingKey", "exchange": exchange, "bindingVersion": BINDING}}


def _queue(name: str) -> Json:
    queue = {"name": name, "durable": True, "exclusive": False, "autoDelete": False, "vhost": "rabta"}
    return {"amqp": {"is": "queue", "queue": queue, "bindingVersion": BINDING}}


def _action(act: Any) -> str:
    return f"action.{action_of(act)}"


def _refs(kinds: list[str]) -> Json:
    return {kind: _ref("messages", kind) for kind in kinds}


def _ref(part: str, name: str) -> Json:
    return {"$ref": f"#/components/{part}/{name}"}
