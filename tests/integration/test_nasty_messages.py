"""Nasty messages (17) on the real broker: each alone among the dead letters, with the reason, and nothing stored.

Bodies that are no JSON, poison and the ladder are in test_promises.py; each header by itself in
unit/shared/test_envelope.py; gaps, seq 0 and full parking in test_inbox.py; forged senders in test_consumer.py.
"""

import gzip
import secrets
from collections.abc import AsyncIterator
from typing import Any

import aio_pika
import pytest
from motor.motor_asyncio import AsyncIOMotorClient

from deploy.local.servers import Servers
from deploy.local.suite import Suite
from shared.events import RequestSubmitted
from tests.integration.test_promises import dead_letter, event_headers

BODY = (
    RequestSubmitted(
        citizen_id="c",
        service="street-light-out",
        service_version=1,
        kind="complaint",
        district="kohat",
        state="verifying",
    )
    .model_dump_json()
    .encode()
)
FORGED: dict[str, Any] = {"x-death": [{"count": 10_000, "reason": "rejected"}], "x-delivery-count": 99}
CASES: dict[str, tuple[bytes, dict[str, Any], dict[str, Any]]] = {
    "compressed": (gzip.compress(BODY), {}, {"content_encoding": "gzip"}),
    "bomb": (gzip.compress(bytes(10_000_000)), {}, {"content_encoding": "gzip"}),
    "1 MB": (b"[" * 1_000_000, {}, {}),
    "unknown type": (BODY, {"ce-type": "request.exploded.v1"}, {}),
    "unknown version": (BODY, {"ce-type": "request.submitted.v99"}, {}),
    "seq -1": (BODY, {"ce-seq": -1}, {}),
    "seq text": (BODY, {"ce-seq": "1"}, {}),
    "time in milliseconds": (BODY, {"ce-time": 1_764_000_000_000}, {}),
    "forged counts": (b"{}", FORGED, {}),
    "everything set": (b"{}", {}, {"priority": 255, "reply_to": "routing", "correlation_id": "x", "app_id": "rabta"}),
    "operators": (b'{"citizen_id": {"$gt": ""}, "service": {"$ne": null}}', {}, {}),
}


@pytest.fixture
async def channel(suite: Suite, servers: Servers) -> AsyncIterator[aio_pika.abc.AbstractChannel]:
    """A channel of an operator."""
    connection = await aio_pika.connect(servers.amqp_url)
    async with connection:
        yield await connection.channel()


@pytest.mark.parametrize(("body", "headers", "properties"), CASES.values(), ids=CASES.keys())
async def test_a_nasty_message_is_put_aside_and_stores_nothing(
    servers: Servers,
    channel: aio_pika.abc.AbstractChannel,
    body: bytes,
    headers: dict[str, Any],
    properties: dict[str, Any],
) -> None:
    number, message_id = f"RB-TEST-{secrets.token_hex(2).upper()}-0", f"nasty-{secrets.token_hex(4)}"
    carried = event_headers(RequestSubmitted.type, number, 1) | headers
    message = aio_pika.Message(body, headers=carried, message_id=message_id, **properties)
    await channel.default_exchange.publish(message, "routing")
    found = await dead_letter(channel, "routing", message_id)
    assert found["x-rabta-error"] == "MalformedEnvelopeError"
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(servers.mongo_url)
    try:
        assert await client["rabta_routing"]["assignments"].find_one({"_id": number}) is None
    finally:
        client.close()
