"""Webhooks in `docs/asyncapi.yaml`: one channel over HTTP, whose message is that of the pull API too."""

from typing import Any

from deploy.docs.contracts import DEPARTMENT_EVENTS

Json = dict[str, Any]
WEBHOOK = "department.webhook"
MESSAGE, HEADERS = "FeedMessage", "WebhookHeaders"
BINDING = "0.3.0"
TEXT: Json = {"type": "string"}
SERVER: Json = {
    "host": "{receiver}",
    "protocol": "https",
    "description": "The department's own web server",
    "variables": {"receiver": {"default": "hooks.example.org", "description": "host and port of your address"}},
}


def webhook_channel() -> Json:
    """The address at which a department's software receives messages."""
    return {
        "address": None,
        "description": "The address of a webhook, as its subscription has it.",
        "servers": [{"$ref": "#/servers/receiver"}],
        "messages": {WEBHOOK: {"$ref": f"#/components/messages/{WEBHOOK}"}},
    }


def webhook_operation() -> Json:
    """Receiving a message."""
    return {
        "action": "receive",
        "channel": {"$ref": f"#/channels/{WEBHOOK}"},
        "tags": [{"name": "department"}],
        "messages": [{"$ref": f"#/channels/{WEBHOOK}/messages/{WEBHOOK}"}],
        "bindings": {"http": {"method": "POST", "bindingVersion": BINDING}},
    }


def webhook_message() -> Json:
    """The message."""
    return {
        "name": WEBHOOK,
        "summary": "A message of the department's feed; the pull API answers the same objects.",
        "contentType": "application/json",
        "headers": {"$ref": f"#/components/schemas/{HEADERS}"},
        "payload": {"$ref": f"#/components/schemas/{MESSAGE}"},
    }


def webhook_schemas(bodies: dict[str, str]) -> Json:
    """The schemas; `bodies` are the names of the schemas of departments' messages, by event type."""
    types = [event.type for event in DEPARTMENT_EVENTS]
    number = {"type": "integer", "minimum": 1}
    names = ("webhook-id", "webhook-timestamp", "webhook-signature")
    return {
        HEADERS: {
            "type": "object",
            "description": "The headers of Standard Webhooks",
            "properties": dict.fromkeys(names, TEXT),
            "required": list(names),
        },
        MESSAGE: {
            "type": "object",
            "description": "A CloudEvent in structured mode, with its number among all messages of the department",
            "properties": {
                "specversion": {"const": "1.0"},
                "id": {**TEXT, "description": "the same each time the message comes"},
                "source": TEXT,
                "type": {"enum": types},
                "subject": {**TEXT, "description": "the tracking number, or your department's code"},
                "time": {**TEXT, "format": "date-time"},
                "datacontenttype": {"const": "application/json"},
                "seq": number,
                "number": number,
                "test": {"type": "boolean", "description": "invented, for trying"},
                "data": {
                    "type": "object",
                    "description": "the message of this type as a queue has it",
                    "anyOf": [{"$ref": f"#/components/schemas/{bodies[kind]}"} for kind in types],
                },
            },
            "required": ["specversion", "id", "source", "type", "subject", "time", "number", "data"],
        },
    }
