"""A copy of a document is that document, filed by another citizen, under another number, on another day."""

import json
from datetime import UTC, datetime, timedelta

import bson

from shared.seal import SealPurpose
from tests.builders import KEYS
from tools.load.mass import Template, seals_of

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
    "public_id": "RP-3X7T-0B5N-K",
    "history": [{"by": CITIZEN, "at": FILED}],
    "events": [{"data": json.dumps({"citizen_id": CITIZEN, "details": f"/api/v1/requests/{NUMBER}"})}],
    "sent_at": FILED,
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
        "public_id": "RP-0000-0000-0",
        "history": [{"by": SOMEBODY, "at": FILED.replace(tzinfo=None)}],
        "events": [{"data": json.dumps({"citizen_id": SOMEBODY, "details": f"/api/v1/requests/{OTHER}"})}],
    }


def test_a_copied_citizen_is_tracked_by_the_same_digits() -> None:
    """What is sealed is bound to whose it is: a mere copy opens for nobody, and nothing could be tracked."""
    citizen = {"_id": CITIZEN, "verified": True} | {
        name: KEYS.seal(words, purpose, owner=CITIZEN)
        for name, purpose, words in (
            ("sealed_name", SealPurpose.CITIZEN_NAME, "Ayesha خان"),
            ("sealed_mobile", SealPurpose.CITIZEN_MOBILE, "+923000000777"),
        )
    }
    copied = bson.decode(Template(citizen, CITIZEN, CITIZEN, seals_of(citizen, KEYS)).copy(SOMEBODY, SOMEBODY, 0).raw)
    assert KEYS.unseal(copied["sealed_mobile"], SealPurpose.CITIZEN_MOBILE, owner=SOMEBODY) == "+923000000777"
    assert KEYS.unseal(copied["sealed_name"], SealPurpose.CITIZEN_NAME, owner=SOMEBODY) == "Ayesha خان"
