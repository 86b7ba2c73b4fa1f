"""Envelopes: a published event is read again unchanged, and malformed headers are refused."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import events
from shared.bus.publisher import messages_of
from shared.envelope import Envelope, MalformedEnvelopeError
from shared.inbox import read_event
from tests.builders import CITIZEN, NUMBER, an_envelope

EVENT = events.RequestAnswered(citizen_id=CITIZEN)
MOMENTS = st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2026, 1, 1)).map(
    lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000, tzinfo=UTC)
)


@given(st.integers(0, 2**53), MOMENTS, st.binary(max_size=50))
def test_headers_carry_all_of_it(seq: int, at: datetime, data: bytes) -> None:
    envelope = Envelope("requests", EVENT.type, NUMBER, seq, at, data)
    assert Envelope.read(envelope.headers(), data) == envelope


@given(st.integers(1, 2**53), MOMENTS, st.text(max_size=50))
def test_an_entry_of_a_document_carries_all_of_it(seq: int, at: datetime, text: str) -> None:
    for queues in ((None, None), ("department.power", None), ("department.power", "department.roads")):
        envelope = Envelope("requests", EVENT.type, NUMBER, seq, at, text.encode(), *queues)
        assert Envelope.of_entry("requests", NUMBER, envelope.entry()) == envelope


def test_the_attributes_are_those_of_a_cloud_event() -> None:
    assert an_envelope(EVENT, 3).headers() == {
        "ce-specversion": "1.0",
        "ce-id": f"requests/{NUMBER}/3",
        "ce-source": "/requests",
        "ce-type": "request.answered.v1",
        "ce-subject": NUMBER,
        "ce-time": "2026-03-02T09:00:00.000Z",
        "ce-seq": 3,
    }


BAD_HEADERS: dict[str, dict[str, Any]] = {
    "seq text": {"ce-seq": "1"},
    "seq float": {"ce-seq": 1.0},
    "seq true": {"ce-seq": True},
    "seq negative": {"ce-seq": -1},
    "seq null": {"ce-seq": None},
    "time text": {"ce-time": "yesterday"},
    "time 24:00": {"ce-time": "2026-03-02T24:30:00+00:00"},
    "time leap second": {"ce-time": "2026-12-31T23:59:60+00:00"},
    "time number": {"ce-time": 1760000000000},
    "time without a zone": {"ce-time": "2026-03-02T09:00:00"},
    "time far ahead": {"ce-time": "2126-03-02T09:00:00+00:00"},
    "time year 9999": {"ce-time": "9999-12-31T23:59:59.999+00:00"},
    "time year 0": {"ce-time": "0000-01-01T00:00:00+00:00"},
}


@pytest.mark.parametrize("changes", BAD_HEADERS.values(), ids=BAD_HEADERS.keys())
def test_headers_that_cannot_be_placed_are_malformed(changes: dict[str, Any]) -> None:
    with pytest.raises(MalformedEnvelopeError):
        Envelope.read(an_envelope(EVENT).headers() | changes, b"{}")


@pytest.mark.parametrize("name", ["ce-seq", "ce-type", "ce-source", "ce-subject", "ce-time"])
def test_each_attribute_is_needed(name: str) -> None:
    headers = an_envelope(EVENT).headers()
    del headers[name]
    with pytest.raises(MalformedEnvelopeError):
        Envelope.read(headers, b"{}")


@pytest.mark.parametrize("body", [b"", b"x", b"[]", b"{}", b'{"citizen_id": 1}', b"\xff", b'{"citizen_id": NaN}'])
def test_body_that_breaks_its_contract_is_malformed_and_not_quoted(body: bytes) -> None:
    envelope = Envelope("requests", EVENT.type, NUMBER, 1, an_envelope(EVENT).at, body)
    with pytest.raises(MalformedEnvelopeError) as caught:
        read_event(envelope)
    assert caught.value.__cause__ is None
    assert str(caught.value) == "body does not keep its contract"


def test_an_unknown_type_is_malformed() -> None:
    with pytest.raises(MalformedEnvelopeError, match="unknown type"):
        read_event(Envelope("requests", "request.answered.v9", NUMBER, 1, an_envelope(EVENT).at, b"{}"))


def test_each_copy_of_an_event_has_a_message_id_of_its_own() -> None:
    everybody, own = messages_of(an_envelope(EVENT, queue="department.power"))
    assert (everybody.exchange, everybody.key) == ("rabta.events", EVENT.type)
    assert (own.exchange, own.key) == ("", "department.power")
    assert everybody.message_id != own.message_id
    assert everybody.headers == own.headers
    assert everybody.mandatory
    assert own.mandatory
    assert everybody.persistent
    assert own.persistent
    assert everybody.correlation_id == own.correlation_id == NUMBER
