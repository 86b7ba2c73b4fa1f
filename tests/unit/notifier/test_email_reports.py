"""Calls of email providers: signed, as JSON or as the report of a mail server."""

import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from services.notifier.channels.bounces import EmailReports
from services.notifier.channels.provider import Callback, CallbackRefusedError, Report
from services.notifier.models.notification import DeliveryState
from tests.unit.notifier.bounce_samples import REFERENCE, exim

SECRET = "s" * 40
USUAL = EmailReports("", SecretStr(SECRET))


def called(body: bytes, kind: str = "application/json", secret: str = SECRET) -> Callback:
    """A call signed with a secret."""
    signed = hmac.digest(secret.encode(), body, hashlib.sha256).hex()
    url = "https://rabta.example/api/v1/callbacks/email/bounces"
    return Callback(url, {"content-type": kind, "x-signature": signed}, body)


def event_callback(**members: Any) -> Callback:
    """A call in JSON about our message, by its Message-ID."""
    return called(json.dumps({"message_id": f"<{REFERENCE}@rabta.example>", **members}).encode())


@pytest.mark.parametrize(
    ("event", "status", "report"),
    [
        ("bounced", "5.1.1", Report(REFERENCE, None, DeliveryState.PERMANENT_FAILURE, bad_address=True)),
        ("bounced", "5.2.2", Report(REFERENCE, None, DeliveryState.PERMANENT_FAILURE)),
        ("rejected", "5.7.1", Report(REFERENCE, None, DeliveryState.PERMANENT_FAILURE)),
        ("failed", "4.4.1", Report(REFERENCE, None, DeliveryState.TEMPORARY_FAILURE)),
        ("Delivered", "", Report(REFERENCE, None, DeliveryState.DELIVERED)),
        ("deferred", "4.2.0", Report(REFERENCE, None, DeliveryState.SENDING)),
    ],
)
def test_provider_states_mean_what_the_file_says(event: str, status: str, report: Report) -> None:
    assert USUAL.read(event_callback(event=event, status=status)) == [report]


def test_a_forwarded_report_is_read() -> None:
    gone = Report(REFERENCE, None, DeliveryState.PERMANENT_FAILURE, bad_address=True)
    assert USUAL.read(called(exim(), "message/rfc822; charset=us-ascii")) == [gone]


@pytest.mark.parametrize(
    "callback", [event_callback(event="opened"), event_callback(), called(b"{}"), called(b"nonsense", "message/rfc822")]
)
def test_a_call_without_a_message_reports_nothing(callback: Callback) -> None:
    assert USUAL.read(callback) == []


@pytest.mark.parametrize("kind", ["application/json", "message/rfc822"])
def test_an_unsigned_call_is_refused(kind: str) -> None:
    body = exim() if kind == "message/rfc822" else b"{}"
    for reader, secret in ((USUAL, "t" * 40), (EmailReports("", SecretStr("")), "")):
        with pytest.raises(CallbackRefusedError):
            reader.read(called(body, kind, secret))


def test_an_invalid_file_is_refused_at_start(tmp_path: Path) -> None:
    wrong = tmp_path / "reports.yaml"
    wrong.write_text("receipt: {ours: id, status: event, cod: status}", encoding="utf-8")
    for path in (wrong, tmp_path / "none.yaml"):
        with pytest.raises(ValueError, match="RABTA_EMAIL_REPORTS"):
            EmailReports(str(path), SecretStr(SECRET))
