"""A copy of a document is that document, filed by another citizen, under another number, on another day."""

import json
from datetime import UTC, datetime, timedelta

import bson

from tests.load.mass import Template

NUMBER, OTHER = "RB-7F3K-9Q2M-E", "RB-0000-0000-0"
CITIZEN, SOMEBODY = "a" * 32, "b" * 32
FILED = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DOCUMENT = {
    "_id": NUMBER,
    "citizen_id": CITIZEN,
    "idempotency_key": "0123456789abcdef",
    "submitted_at": FILED,
    "due_at": FILED + timedelta(days=3),
    "outcome": None,
    "history": [{"by": CITIZEN, "at": FILED}],
    "events": [{"data": json.dumps({"citizen_id": CITIZEN, "details": f"/api/v1/requests/{NUMBER}"})}],
    "settle_after": FILED,
    "clock_at": FILED,
}


def test_a_copy_is_whole_and_nobodys_work() -> None:
    copied = bson.decode(Template(DOCUMENT, NUMBER, CITIZEN).copy(OTHER, SOMEBODY, 10).raw)
    key = copied.pop("idempotency_key")
    assert (len(key), key != DOCUMENT["idempotency_key"]) == (16, True)
    earlier = (FILED - timedelta(days=10)).replace(tzinfo=None)
    assert copied == {
        "_id": OTHER,
        "citizen_id": SOMEBODY,
        "submitted_at": earlier,
        "due_at": earlier + timedelta(days=3),
        "outcome": None,
        "history": [{"by": SOMEBODY, "at": FILED.replace(tzinfo=None)}],
        "events": [{"data": json.dumps({"citizen_id": SOMEBODY, "details": f"/api/v1/requests/{OTHER}"})}],
    }
