"""`docs/asyncapi.yaml`: the messages as an AsyncAPI document with AMQP bindings.

`asyncapi_frame.yaml` has the fixed parts; channels, operations, messages and schemas of the code are added here.
"""

import re
from pathlib import Path
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
from services.routing.actions import ACCEPTED, REJECTED
from services.routing.models.assignment import DEPARTMENT_ACTIONS, AssignmentState
from shared.bus.topology import ACTIONS as ACTIONS_EXCHANGE
from shared.bus.topology import EVENTS, EXCHANGES, department_queue
from shared.events import EVENTS as ALL
from shared.settlement import ANSWER, QUESTION, DeliveryAnswer, DeliveryQuestion
from shared.yaml_file import read_yaml

FRAME = Path(__file__).with_name("asyncapi_frame.yaml")
BINDING = "0.3.0"
HEADER = "# Written by `python -m deploy.docs` from the code; do not edit.\n"
DEPARTMENT, ACTING, TALK, WEBHOOK = "department", "department.actions", "settlement", "department.webhook"
SETTLEMENT: dict[str, type[BaseModel]] = {QUESTION: DeliveryQuestion, ANSWER: DeliveryAnswer}
Json = dict[str, Any]
TEXT: Json = {"type": "string"}
PROPERTIES: Json = {
    "content_type": {"const": "application/json"},
    "delivery_mode": {"const": 2},
    "message_id": {**TEXT, "description": "unique; the same if the message is published again"},
}
ABOUT: Json = {"correlation_id": {**TEXT, "description": "the record concerned, as in `ce-subject`"}}
SUBJECT: Json = {"correlationId": {"location": "$message.header#/ce-subject", "description": "the record concerned"}}
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
    document: Json = read_yaml(FRAME)
    components = document["components"]
    document["channels"] |= _channels()
    document["operations"] |= _operations()
    components["messages"] |= _messages()
    components["schemas"] |= _schemas()
    standing = components["schemas"][type_name(ACCEPTED)]["properties"]
    standing["state"]["enum"] = [str(state) for state in AssignmentState]
    standing["actions"]["items"]["enum"] = list(DEPARTMENT_ACTIONS)
    feed = components["schemas"]["FeedMessage"]["properties"]
    feed["type"]["enum"] = [event.type for event in DEPARTMENT_EVENTS]
    feed["data"]["anyOf"] = [_ref("schemas", type_name(told(event.type))) for event in DEPARTMENT_EVENTS]
    return document


def _channels() -> Json:
    channels: Json = {
        event.type: {"address": event.type, "messages": _refs([event.type]), "bindings": _exchange(EVENTS)}
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
    heard = {event.type: told(event.type) for event in DEPARTMENT_EVENTS} | {ACCEPTED: ACCEPTED, REJECTED: REJECTED}
    for kind, message in heard.items():
        operations[f"department.hears.{kind}"] = _operation("receive", DEPARTMENT, [message], "department")
    for act in ACTIONS:
        kind = _action(act)
        operations[f"department.does.{action_of(act)}"] = _operation("send", ACTING, [kind], "department")
        operations[f"routing.hears.{action_of(act)}"] = _operation("receive", ACTING, [kind], "routing")
    for service in HANDLED:
        operations[f"{service}.settles"] = _operation("receive", f"{TALK}.{service}", list(SETTLEMENT), service)
    return operations


def _messages() -> Json:
    messages: Json = {event.type: _message(event.type, summary(event), "CloudEvent", ABOUT) | SUBJECT for event in ALL}
    for event in DEPARTMENT_EVENTS:
        name, text = told(event.type), summary(event)
        message = _message(name, text, "DepartmentMessage", ABOUT) | SUBJECT
        messages[name] = message | {"name": event.type}
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
    }
    return {type_name(kind): schema for kind, schema in bodies.items()}


def type_name(kind: str) -> str:
    """The type name of a message: `RequestRoutedV1`. Generators read dots as module separators."""
    return "".join(part.capitalize() for part in re.split(r"[._]", kind))


def told(kind: str) -> str:
    """The name of a message as departments get it: not all have the same fields as the event."""
    return f"{DEPARTMENT}.{kind}"


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
    sent = {"bindings": {"amqp": {"deliveryMode": 2, "mandatory": True, "bindingVersion": BINDING}}}
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{channel}"},
        "tags": [{"name": tag}],
        "messages": [{"$ref": f"#/channels/{channel}/messages/{kind}"} for kind in messages],
        **(sent if action == "send" else {}),
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
