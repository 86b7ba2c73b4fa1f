"""Malicious messages (17) on the real broker: each ends among the dead letters with the reason; nothing is stored.

Malformed bodies, poison messages and the ladder are in test_promises.py; each header by itself in
unit/shared/test_envelope.py; gaps, seq 0 and full parking in test_inbox.py; forged senders in test_consumer.py.
"""

import gzip
import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import aio_pika
import pytest
from pymongo import MongoClient

from deploy.local.servers import Servers
from deploy.local.suite import Suite
from shared.events import RequestSubmitted
from tests.integration.test_nasty_inputs import changed, digests, quiet
from tests.integration.test_promises import dead_letter, event_headers
from tests.journeys.test_main_job import LAMP, at_department
from tools.portal import Portal

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
    "empty": (b"", {}, {}),
    "16 MB": (b"[" * 16_000_000, {}, {}),
    "1 MB": (b"[" * 1_000_000, {}, {}),
    "unknown type": (BODY, {"ce-type": "request.exploded.v1"}, {}),
    "unknown version": (BODY, {"ce-type": "request.submitted.v99"}, {}),
    "seq -1": (BODY, {"ce-seq": -1}, {}),
    "seq 2^40": (BODY, {"ce-seq": 2**40}, {}),
    "gap of a million": (BODY, {"ce-seq": 1_000_001}, {}),
    "seq text": (BODY, {"ce-seq": "1"}, {}),
    "time in milliseconds": (BODY, {"ce-time": 1_764_000_000_000}, {}),
    "time a year ahead": (BODY, {"ce-time": (datetime.now(UTC) + timedelta(days=365)).isoformat()}, {}),
    "time without a zone": (BODY, {"ce-time": "2026-11-24T09:00:00"}, {}),
    "forged counts": (b"{}", FORGED, {}),
    "everything set": (b"{}", {}, {"priority": 255, "reply_to": "routing", "correlation_id": "x", "app_id": "rabta"}),
    "operators": (b'{"citizen_id": {"$gt": ""}, "service": {"$ne": null}}', {}, {}),
}


@pytest.fixture
async def channel(suite: Suite, servers: Servers) -> AsyncIterator[aio_pika.abc.AbstractChannel]:
    """A channel with the operator's credentials."""
    connection = await aio_pika.connect(servers.amqp_url)
    async with connection:
        yield await connection.channel()


LATER: dict[str, tuple[dict[str, Any], bytes | None]] = {
    "a year old": ({"ce-time": (datetime.now(UTC) - timedelta(days=365)).isoformat()}, None),
    "the same id with another payload": ({}, BODY),
    "a year old with another payload": ({"ce-time": "2025-11-24T09:00:00+00:00"}, BODY),
}


async def put_aside(
    channel: aio_pika.abc.AbstractChannel, body: bytes, headers: dict[str, Any], **properties: Any
) -> str:
    """Send routing a message that it must put aside, and wait for that; returns the class of the error."""
    message_id = f"nasty-{secrets.token_hex(4)}"
    message = aio_pika.Message(body, headers=headers, message_id=message_id, **properties)
    await channel.default_exchange.publish(message, "routing")
    return str((await dead_letter(channel, "routing", message_id))["x-rabta-error"])


@pytest.mark.parametrize(("body", "headers", "properties"), CASES.values(), ids=CASES.keys())
async def test_a_nasty_message_is_put_aside_and_stores_nothing(
    servers: Servers,
    channel: aio_pika.abc.AbstractChannel,
    body: bytes,
    headers: dict[str, Any],
    properties: dict[str, Any],
) -> None:
    number = f"RB-TEST-{secrets.token_hex(2).upper()}-0"
    carried = event_headers(RequestSubmitted.type, number, 1) | headers
    assert await put_aside(channel, body, carried, **properties) == "MalformedEnvelopeError"
    with MongoClient[dict[str, Any]](servers.mongo_url) as client:
        assert client["rabta_routing"]["assignments"].find_one({"_id": number}) is None


async def test_a_processed_message_changes_nothing_when_it_comes_again(
    portal: Portal, servers: Servers, channel: aio_pika.abc.AbstractChannel
) -> None:
    """No error is raised, because an inbox keeps the number of an event and not its content."""
    number, _, _ = await at_department(portal, await portal.register(), LAMP)
    before = await quiet(servers)
    with MongoClient[dict[str, Any]](servers.mongo_url) as client:
        request = client["rabta_requests"]["requests"].find_one({"_id": number})
    assert request is not None
    first = next(event for event in request["events"] if event["seq"] == 1)
    for name, (headers, body) in LATER.items():
        carried = event_headers(first["type"], number, 1) | headers
        message = aio_pika.Message(body or first["data"].encode(), headers=carried, message_id=secrets.token_hex(8))
        await channel.default_exchange.publish(message, "routing")
        # Of another request: in one batch with the first, the same number again would count as a duplicate.
        after = f"RB-TEST-{secrets.token_hex(2).upper()}-0"
        await put_aside(channel, b"", event_headers(RequestSubmitted.type, after, 1))
        assert not changed(before, digests(servers)), name
