"""A message of a feed as JSON: a CloudEvent in structured mode, the same for the pull API and webhooks."""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable
from datetime import datetime

from services.routing.feed.models import FeedEntry
from services.routing.subscriptions import schemas
from shared.clock import written

PREFIX = "whsec_"


def message_of(entry: FeedEntry) -> schemas.FeedMessageBody:
    """The message with its number."""
    message = entry.message
    return {
        "specversion": "1.0",
        "id": message.event_id,
        "source": f"/{message.event_id.partition('/')[0]}",
        "type": message.type,
        "subject": message.subject,
        "time": written(message.at),
        "datacontenttype": "application/json",
        "seq": message.seq,
        "number": entry.number,
        "test": entry.is_test,
        "data": json.loads(message.body),
    }


def body_of(entry: FeedEntry) -> bytes:
    """The body of a webhook."""
    return json.dumps(message_of(entry), ensure_ascii=False, separators=(",", ":")).encode()


def new_secret() -> str:
    """A secret as receivers' libraries take it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def headers_of(message_id: str, at: datetime, body: bytes, live_secrets: Iterable[str]) -> dict[str, str]:
    """The three headers of https://www.standardwebhooks.com; one signature (HMAC-SHA256) for each live secret."""
    seconds = int(at.timestamp())
    signed = f"{message_id}.{seconds}.".encode() + body
    signatures = (f"v1,{_signature(secret, signed)}" for secret in live_secrets)
    return {"webhook-id": message_id, "webhook-timestamp": str(seconds), "webhook-signature": " ".join(signatures)}


def _signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
