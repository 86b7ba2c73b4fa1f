"""A message of a feed as JSON: a CloudEvent in structured mode, the same for the pull API and webhooks."""

import json

from services.routing.feed.models import FeedEntry
from services.routing.subscriptions import schemas
from shared.clock import written


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
