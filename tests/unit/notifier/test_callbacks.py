"""Callbacks of SMS gateways: unsigned ones are refused, and signed ones are parsed or refused."""

import base64
import hashlib
import hmac
import json
import string
from functools import cache
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from services.notifier.channels.callbacks import number_of
from services.notifier.channels.gateway import SmsGateway
from services.notifier.channels.gateway_file import GatewayFile
from services.notifier.channels.provider import Callback, CallbackRefusedError, InboundMessage, Report, Terms
from services.notifier.models.notification import DeliveryState
from services.notifier.settings import SmsSettings

OURS = "0123456789abcdef" * 2
SECRET = "s" * 40
PORTAL = "https://rabta.example/api/v1/callbacks/sms"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json; charset=utf-8"}


@cache
def gateway(kind: str, secret: str = SECRET) -> SmsGateway:
    """A gateway with a preset."""
    account = SmsSettings(
        url="https://sms.example",
        account="AC1",
        secret=SecretStr(secret),
        sender="RABTA",
        callback_secret=SecretStr(secret),
    )
    return SmsGateway(GatewayFile.read(kind), account, Terms("sms", "sms", patience=1), PORTAL)


def from_twilio(fields: dict[str, str], url: str = f"{PORTAL}/receipts", signed: str | None = None) -> Callback:
    """A callback signed by Twilio, for the address or another spelling of it."""
    signed_text = (signed or url) + "".join(name + fields[name] for name in sorted(fields))
    signature = base64.b64encode(hmac.digest(SECRET.encode(), signed_text.encode(), hashlib.sha1)).decode()
    return Callback(url, {**FORM, "x-twilio-signature": signature}, urlencode(fields).encode())


def from_json(content: Any, secret: str = SECRET, url: str = f"{PORTAL}/receipts") -> Callback:
    """A callback in JSON, signed over its body."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    digest = hmac.digest(secret.encode(), body, hashlib.sha256).hex()
    return Callback(url, {**JSON, "x-signature": f"sha256={digest}"}, body)


def by_secret(fields: dict[str, str], key: str = SECRET, what: str = "receipts") -> Callback:
    """A callback with the secret in its address."""
    return Callback(f"{PORTAL}/{what}?key={key}", FORM, urlencode(fields).encode())


def test_the_signature_in_twilios_documentation_is_valid() -> None:
    """The example of https://www.twilio.com/docs/usage/security, with its token."""
    fields = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+12349013030",
        "Digits": "1234",
        "From": "+12349013030",
        "To": "+18005551212",
    }
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    headers = {**FORM, "X-Twilio-Signature": "0/KCTR6DLpKmkAf8muzZqo1nDgQ="}
    callback = Callback(url, headers, urlencode(fields).encode())
    assert gateway("twilio", "12345").reports(callback) == []
    with pytest.raises(CallbackRefusedError):
        gateway("twilio", "12346").reports(callback)


@pytest.mark.parametrize("signed", [f"{PORTAL}/receipts", f"{PORTAL.replace('.example', '.example:443')}/receipts"])
def test_twilio_may_sign_the_address_with_its_port(signed: str) -> None:
    callback = from_twilio({"MessageSid": "SM1", "MessageStatus": "delivered"}, signed=signed)
    assert gateway("twilio").reports(callback) == [Report(None, "SM1", DeliveryState.DELIVERED)]


@pytest.mark.parametrize(
    ("status", "code", "state", "bad_address"),
    [
        ("queued", "", DeliveryState.SENDING, False),
        ("sent", "", DeliveryState.SENDING, False),
        ("delivered", "", DeliveryState.DELIVERED, False),
        ("undelivered", "30003", DeliveryState.TEMPORARY_FAILURE, False),
        ("undelivered", "30005", DeliveryState.PERMANENT_FAILURE, True),
        ("undelivered", "30006", DeliveryState.PERMANENT_FAILURE, True),
        ("failed", "30004", DeliveryState.PERMANENT_FAILURE, False),
        ("undelivered", "30007", DeliveryState.TECHNICAL_FAILURE, False),
        ("failed", "30008", DeliveryState.TEMPORARY_FAILURE, False),
        ("delivered", "30005", DeliveryState.DELIVERED, False),
    ],
)
def test_every_state_and_code_of_twilio_has_a_meaning(
    status: str, code: str, state: DeliveryState, bad_address: bool
) -> None:
    fields = {"MessageSid": "SM1", "MessageStatus": status, "ErrorCode": code, "To": "+923001234567"}
    callback = from_twilio(fields, f"{PORTAL}/receipts?reference={OURS}")
    assert gateway("twilio").reports(callback) == [Report(OURS, "SM1", state, bad_address)]


def test_one_json_callback_can_contain_several_receipts() -> None:
    reported = [
        {"client_reference": OURS, "message_id": 778899, "status": "DELIVERED", "number": "923001234567"},
        {"message_id": "b", "status": "undeliverable", "error": {"code": "unknown_subscriber"}},
        {"message_id": "c", "status": "never heard of"},
        {"status": "delivered"},
        "nonsense",
    ]
    assert gateway("json").reports(from_json({"messages": reported})) == [
        Report(OURS, "778899", DeliveryState.DELIVERED),
        Report(None, "b", DeliveryState.PERMANENT_FAILURE, bad_address=True),
    ]


def test_fields_of_the_address_count_only_if_it_is_signed() -> None:
    callback = from_json({"messages": [{"status": "delivered"}]}, url=f"{PORTAL}/receipts?client_reference={OURS}")
    assert gateway("json").reports(callback) == []


def test_a_form_gateway_authenticates_with_the_secret() -> None:
    fields = {"ref": OURS, "id": "1", "status": "UNDELIV", "to": "03001234567"}
    assert gateway("form").reports(by_secret(fields)) == [Report(OURS, "1", DeliveryState.TEMPORARY_FAILURE)]


def test_a_callback_without_a_valid_signature_is_refused() -> None:
    twilio = from_twilio({"MessageSid": "SM1", "MessageStatus": "delivered"})
    signed = from_json({"messages": []})
    forged = [
        ("twilio", Callback(twilio.url, FORM, twilio.body)),
        ("twilio", Callback(twilio.url, twilio.headers, twilio.body.replace(b"SM1", b"SM2"))),
        ("twilio", Callback(f"{twilio.url}?reference={OURS}", twilio.headers, twilio.body)),
        ("twilio", Callback(twilio.url, {**FORM, "X-Twilio-Signature": "ö\udc80"}, twilio.body)),
        ("json", Callback(signed.url, JSON, signed.body)),
        ("json", Callback(signed.url, signed.headers, signed.body + b" ")),
        ("json", Callback(signed.url, {**JSON, "X-Signature": signed.headers["x-signature"][7:]}, signed.body)),
        ("json", from_json({"messages": []}, secret="t" * 40)),
        ("form", by_secret({"id": "1", "status": "delivered"}, key="")),
        ("form", by_secret({"id": "1", "status": "delivered"}, key=SECRET[:-1])),
        ("form", Callback(f"{PORTAL}/receipts", FORM, f"key={SECRET}&id=1&status=delivered".encode())),
    ]
    for kind, callback in forged:
        with pytest.raises(CallbackRefusedError):
            gateway(kind).reports(callback)
        with pytest.raises(CallbackRefusedError):
            gateway(kind).inbound(callback)


@pytest.mark.parametrize("kind", ["form", "json"])
def test_without_a_secret_every_callback_is_refused(kind: str) -> None:
    for callback in (by_secret({"id": "1", "status": "delivered"}, key=""), from_json({}, secret="")):
        with pytest.raises(CallbackRefusedError):
            gateway(kind, secret="").reports(callback)


def test_an_inbound_sms_has_number_text_and_id() -> None:
    fields = {"From": "+923001234567", "Body": "STATUS RB-7F3K-9Q2M-E", "MessageSid": "SM9", "To": "+1500"}
    assert gateway("twilio").inbound(from_twilio(fields)) == InboundMessage(
        "sms", "SM9", "+923001234567", "STATUS RB-7F3K-9Q2M-E"
    )
    reported = {"message": {"from": 923001234567, "text": "روکیں", "message_id": "m1"}}
    assert gateway("json").inbound(from_json(reported)) == InboundMessage("sms", "m1", "+923001234567", "روکیں")


def test_a_repeated_sms_without_an_id_gets_the_same_id() -> None:
    fields = {"from": "03001234567", "message": "STOP", "time": "10:42"}
    first, again, other = (
        gateway("form").inbound(by_secret(form)) for form in (fields, fields, {**fields, "time": "10:43"})
    )
    assert first is not None
    assert other is not None
    assert first == again
    assert first.id != other.id


@pytest.mark.parametrize("fields", [{}, {"from": "JAZZ", "message": "Win!"}, {"from": "03001234567", "message": " "}])
def test_an_sms_without_a_number_or_text_is_ignored(fields: dict[str, str]) -> None:
    assert gateway("form").inbound(by_secret(fields)) is None


@pytest.mark.parametrize("text", ["+923001234567", "923001234567", "00923001234567", "0300 1234567", "0300-1234567"])
def test_a_number_is_normalised_from_every_spelling(text: str) -> None:
    assert number_of(text) == "+923001234567"


@pytest.mark.parametrize("text", ["", "8000", "JAZZ", "whatsapp:+923001234567", "+92300123456789012", "+٩٢٣٠٠١٢٣٤٥٦٧"])
def test_an_invalid_number_is_rejected(text: str) -> None:
    assert number_of(text) is None


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=20,
)
receipt_fields = st.sampled_from(["client_reference", "message_id", "status", "error", "number"])
words = st.one_of(st.sampled_from(["delivered", "rejected", OURS, "\ud800", "a" * 300]), anything)


def check(reports: list[Report]) -> None:
    """Check the invariants of reports."""
    for report in reports:
        assert report.ours is not None or report.theirs is not None
        assert report.ours is None or (len(report.ours) == 32 and set(report.ours) <= set(string.hexdigits.lower()))
        assert report.theirs is None or len(report.theirs.encode()) < 1000
        assert report.bad_address <= (report.state is DeliveryState.PERMANENT_FAILURE)


@given(st.one_of(anything, st.fixed_dictionaries({"messages": st.lists(st.dictionaries(receipt_fields, words))})))
def test_any_signed_json_is_read_or_refused(content: Any) -> None:
    check(gateway("json").reports(from_json(content)))
    arrived = gateway("json").inbound(from_json({"message": content}))
    assert arrived is None or (arrived.id.encode() and arrived.words.encode())


@given(
    st.dictionaries(
        receipt_fields.map({"message_id": "id", "client_reference": "ref"}.get).filter(bool) | st.text(), st.text()
    )
)
def test_any_signed_form_is_read_or_refused(fields: dict[str, str]) -> None:
    fields = {
        name.encode(errors="replace").decode(): value.encode(errors="replace").decode()
        for name, value in fields.items()
    }
    check(gateway("form").reports(by_secret({"status": "delivered", **fields})))
    check(gateway("twilio").reports(from_twilio({"MessageStatus": "failed", **fields})))


@given(st.binary(max_size=400), st.sampled_from([FORM, JSON, {}]), st.sampled_from(["twilio", "form", "json"]))
def test_any_callback_is_read_or_refused(body: bytes, headers: dict[str, str], kind: str) -> None:
    digest = "sha256=" + hmac.digest(SECRET.encode(), body, hashlib.sha256).hex()
    callback = Callback(f"{PORTAL}/receipts?key={SECRET}", {**headers, "X-Signature": digest}, body)
    try:
        check(gateway(kind).reports(callback))
        gateway(kind).inbound(callback)
    except CallbackRefusedError:
        pass


def test_a_deep_or_wide_body_is_parsed_fast() -> None:
    deep = b"[" * 60_000 + b"]" * 60_000
    wide = b'{"messages":[' + b",".join(b'{"a%d":1}' % n for n in range(5000)) + b"]}"
    many = urlencode({f"a{n}": "1" for n in range(5000)}).encode()
    with pytest.raises(CallbackRefusedError):
        gateway("json").reports(from_json(deep))
    assert gateway("json").reports(from_json(wide)) == []
    with pytest.raises(CallbackRefusedError):
        gateway("form").reports(Callback(f"{PORTAL}/receipts?key={SECRET}", FORM, many))
