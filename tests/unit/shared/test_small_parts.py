"""Logs, cursors, settings, health, and a queue with several streams."""

import asyncio
import base64
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st

from shared import events, health
from shared.bus import Delivery, Outcome
from shared.clock import utc_now
from shared.errors import BadRequestError
from shared.events import BY_TYPE, EVENTS, stream_of
from shared.log import redact
from shared.paging import cursor_of, read_cursor, time_text
from shared.runtime import Stream, dispatch
from shared.settings import Environment, Settings
from shared.settlement import DeliveryQuestion
from tests.builders import CITIZEN, NUMBER, a_delivery, an_envelope
from tests.unit.shared.asgi import call

PERSONAL = [
    "35202-1234567-1",
    "3520212345671",
    "+923001234567",
    "+92300 1234567",
    "00923001234567",
]
HARMLESS = [NUMBER, "requests/RB-7F3K-9Q2M-E/3", "2026-03-02T09:00:00.000Z", "a3520212345671", "35202123456712"]


@pytest.mark.parametrize("value", PERSONAL)
def test_personal_data_is_redacted_in_logs(value: str) -> None:
    line = redact(None, "info", {"event": f"refused {value}.", "count": 3})
    assert line == {"event": "refused [redacted].", "count": 3}


@pytest.mark.parametrize("value", HARMLESS)
def test_ids_and_times_stay_readable(value: str) -> None:
    assert redact(None, "info", {"event": value}) == {"event": value}


MOMENTS = st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1)).map(
    lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000, tzinfo=UTC)
)


@given(MOMENTS, st.text(max_size=30))
def test_cursor_round_trips(at: datetime, key: str) -> None:
    moment, read = read_cursor(cursor_of(at, key))
    assert (abs((moment - at).total_seconds()) <= 0.001, read) == (True, key)


@pytest.mark.parametrize("cursor", ["", "-", "x-y", "-1-x", "1" * 15 + "-x", "٣-x", "²-x", " 1-x", "1.5-x"])
def test_invented_cursor_is_a_bad_request(cursor: str) -> None:
    with pytest.raises(BadRequestError):
        read_cursor(cursor)


def test_times_are_text_in_utc_to_the_millisecond() -> None:
    assert time_text(datetime(2026, 3, 2, 9, tzinfo=UTC)) == "2026-03-02T09:00:00.000Z"
    assert time_text(datetime(2026, 3, 2, 14, tzinfo=timezone(timedelta(hours=5)))) == "2026-03-02T09:00:00.000Z"
    assert time_text(None) is None
    assert utc_now().microsecond % 1000 == 0
    assert utc_now().tzinfo is UTC


def test_production_is_the_default() -> None:
    keys = {name: base64.b64encode(name[:1].encode() * 32).decode() for name in ("data_key", "index_key")}
    settings = Settings.model_validate(keys)
    assert settings.env is Environment.PRODUCTION
    assert settings.is_production
    assert settings.keys.data_key == b"d" * 32
    assert keys["data_key"] not in repr(settings)


def test_settings_error_is_reported_without_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RABTA_INDEX_KEY", raising=False)
    with pytest.raises(ValueError, match="index_key") as told:
        Settings.model_validate({"data_key": "s3cret"})
    assert "s3cret" not in str(told.value)


def test_secret_can_be_read_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(base64.b64encode(b"f" * 32).decode() + "\n")
    monkeypatch.setenv("RABTA_DATA_KEY_FILE", str(tmp_path / "key"))
    monkeypatch.setenv("RABTA_INDEX_KEY", base64.b64encode(b"i" * 32).decode())
    assert Settings().keys.data_key == b"f" * 32
    monkeypatch.setenv("RABTA_DATA_KEY_FILE", str(tmp_path / "nowhere"))
    with pytest.raises(FileNotFoundError):
        Settings()


async def test_a_check_that_fails_or_hangs_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "BUDGET", 0.01)

    async def fine() -> bool:
        return True

    async def broken() -> bool:
        raise ConnectionError

    async def hangs() -> bool:
        await asyncio.Event().wait()
        return True

    app = FastAPI()
    app.include_router(health.router)
    app.state.checks = {"database": fine}
    assert (await call(app, "GET", "/health/ready")).status == 200
    app.state.checks = {"database": fine, "broker": broken, "departments": hangs}
    answer = await call(app, "GET", "/health/ready")
    assert (answer.status, answer.json()["failing"]) == (503, ["broker", "departments"])
    assert (await call(app, "GET", "/health/live")).status == 200
    assert b"python_info" in (await call(app, "GET", "/metrics")).body


def test_the_streams_are_those_that_have_consumers() -> None:
    assert {stream_of(event) for event in EVENTS} == set(events.CONSUMERS)
    assert len(BY_TYPE) == len(EVENTS)


def a_stream(name: str, taken: list[str]) -> Stream:
    """A stream whose taker notes what it gets and answers with its own name."""

    async def take(deliveries: Sequence[Delivery]) -> list[Outcome]:
        taken.extend(delivery.message_id for delivery in deliveries)
        return [Outcome("retry", name) for _ in deliveries]

    async def seen(_: DeliveryQuestion) -> dict[str, int]:
        return {}

    return Stream([], take, seen)


async def test_a_queue_with_several_streams_is_sorted_and_its_answers_put_back_in_place() -> None:
    taken: dict[str, list[str]] = {"citizen": [], "request@requests": []}
    take = dispatch({name: a_stream(name, places) for name, places in taken.items()})
    answered = a_delivery(an_envelope(events.RequestAnswered(citizen_id=CITIZEN)))
    verified = a_delivery(an_envelope(events.CitizenVerified(), subject=CITIZEN))
    foreign = a_delivery(an_envelope(events.RequestAccepted(citizen_id=CITIZEN, department="power")))
    unknown = a_delivery(b"{}", headers={"ce-type": ["request.answered.v1"]})
    outcomes = await take([verified, foreign, answered, a_delivery(b""), verified, unknown])
    assert [outcome.error for outcome in outcomes] == [
        "citizen",
        "MalformedEnvelopeError",
        "request@requests",
        "MalformedEnvelopeError",
        "citizen",
        "MalformedEnvelopeError",
    ]
    assert [outcome.verdict for outcome in outcomes] == ["retry", "dead", "retry", "dead", "retry", "dead"]
    assert taken == {"citizen": [verified.message_id] * 2, "request@requests": [answered.message_id]}


async def test_streams_are_handled_in_their_order_and_those_with_one_handler_together() -> None:
    batches: list[list[str]] = []

    async def take(deliveries: Sequence[Delivery]) -> list[Outcome]:
        batches.append([delivery.envelope.type for delivery in deliveries])
        return [Outcome("done", delivery.envelope.type) for delivery in deliveries]

    async def take_citizens(deliveries: Sequence[Delivery]) -> list[Outcome]:
        return await take(deliveries)

    async def seen(_: DeliveryQuestion) -> dict[str, int]:
        return {}

    handlers = {"citizen": take_citizens, "request@requests": take, "request@routing": take}
    handle = dispatch({name: Stream([], handler, seen) for name, handler in handlers.items()})
    answered = a_delivery(an_envelope(events.RequestAnswered(citizen_id=CITIZEN)))
    verified = a_delivery(an_envelope(events.CitizenVerified(), subject=CITIZEN))
    accepted = a_delivery(an_envelope(events.RequestAccepted(citizen_id=CITIZEN, department="power")))
    outcomes = await handle([accepted, verified, answered])
    assert batches == [["citizen.verified.v1"], ["request.accepted.v1", "request.answered.v1"]]
    assert [outcome.error for outcome in outcomes] == [
        "request.accepted.v1",
        "citizen.verified.v1",
        "request.answered.v1",
    ]


async def test_empty_batch_is_dispatched() -> None:
    assert await dispatch({})([]) == []
