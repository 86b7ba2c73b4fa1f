"""Callbacks of an SMS gateway: their signatures, and the reports or SMS in them. A repeated call changes nothing."""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

from services.notifier.channels.gateway_file import CallbackFields, Dialect, GatewayOutcome, Signature
from services.notifier.channels.provider import Callback, CallbackRefusedError, InboundMessage, Report

OURS = re.compile("<?([0-9a-f]{32})(?:@.*)?")
"""Our reference of a message, alone or in an email's Message-ID."""
SENDER = re.compile(r"(?:\+|00)?([1-9][0-9]{6,14})")
NATIONAL = re.compile(r"0([1-9][0-9]{9})")
PAKISTAN = "+92"
MAX_FIELDS, MAX_MESSAGES, MAX_DEPTH = 200, 1000, 10
MAX_NAME, MAX_WORDS = 200, 2000
PORTS = {"http": 80, "https": 443}

Fields = Mapping[str, str]


def verify(signature: Signature | None, secret: str, callback: Callback) -> None:
    """Refuse a callback without a valid signature. Raises CallbackRefusedError."""
    if signature is None or not secret:
        raise CallbackRefusedError("no signature or secret is configured for callbacks of this gateway")
    given, right = SIGNATURES[signature.kind](signature, secret, callback)
    if not any(hmac.compare_digest(given.encode(errors="replace"), one.encode()) for one in right):
        raise CallbackRefusedError("the signature is wrong")


def _twilio(_: Signature, secret: str, callback: Callback) -> tuple[str, list[str]]:
    """HMAC-SHA1 over the address and all form fields, sorted by name."""
    fields = "".join(name + value for name, value in sorted(set(_form(callback.body))))
    right = [
        base64.b64encode(hmac.digest(secret.encode(), (url + fields).encode(errors="replace"), hashlib.sha1)).decode()
        for url in _spellings(callback.url)
    ]
    return _header(callback, "X-Twilio-Signature"), right


def _hmac(signature: Signature, secret: str, callback: Callback) -> tuple[str, list[str]]:
    digest = hmac.digest(secret.encode(), callback.body, hashlib.sha256)
    right = digest.hex() if signature.encoding == "hex" else base64.b64encode(digest).decode()
    given = _header(callback, signature.header)
    if not given.startswith(signature.prefix):
        return "", [right]
    given = given.removeprefix(signature.prefix)
    return given.lower() if signature.encoding == "hex" else given, [right]


def _shared(signature: Signature, secret: str, callback: Callback) -> tuple[str, list[str]]:
    return dict(_query(callback)).get(signature.parameter, ""), [secret]


SIGNATURES = {"twilio": _twilio, "hmac-sha256": _hmac, "secret": _shared}


def reports_in(file: Dialect, callback: Callback) -> list[Report]:
    """The reports in a verified callback. Raises CallbackRefusedError if it cannot be read.

    Reports without a reference, or with a state that the file does not know, are left out.
    """
    receipt = file.receipt
    if receipt is None:
        raise CallbackRefusedError("this gateway's file has no receipt")
    found = (_report(file, receipt, fields) for fields in _all_fields(file, callback, receipt.each))
    return [report for report in found if report is not None]


def _report(file: Dialect, receipt: CallbackFields, fields: Fields) -> Report | None:
    ours, theirs = _name(fields, receipt.ours), _name(fields, receipt.theirs)
    named = OURS.fullmatch(ours) if ours is not None else None
    ours = named[1] if named else None
    outcome = file.meaning(fields.get(receipt.status), fields.get(receipt.code))
    if outcome is None or (ours is None and theirs is None):
        return None
    return Report(ours, theirs, outcome.state, bad_address=outcome is GatewayOutcome.BAD_NUMBER)


def inbound_in(name: str, file: Dialect, callback: Callback) -> InboundMessage | None:
    """The SMS in a verified callback; None without text or number. Raises CallbackRefusedError."""
    inbound = file.inbound
    if inbound is None:
        raise CallbackRefusedError("this gateway's file has no inbound")
    [fields] = _all_fields(file, callback, "")
    sender, words = number_of(fields.get(inbound.sender, "")), fields.get(inbound.words, "").strip()
    if sender is None or not words:
        return None
    derived = hashlib.sha256(callback.url.encode(errors="replace") + callback.body).hexdigest()[:32]
    return InboundMessage(name, _name(fields, inbound.id) or derived, sender, words[:MAX_WORDS])


def number_of(text: str) -> str | None:
    """A number as `+923001234567`, given with a plus, 00, no prefix, or as dialled in Pakistan."""
    plain = re.sub(r"[ ()-]", "", text)
    if found := NATIONAL.fullmatch(plain):
        return PAKISTAN + found[1]
    return f"+{found[1]}" if (found := SENDER.fullmatch(plain)) else None


def _all_fields(file: Dialect, callback: Callback, each: str) -> list[Fields]:
    """The fields of the body for each message in it, and of the address if that is signed too."""
    covered = file.signature is not None and file.signature.kind != "hmac-sha256"
    address = dict(_query(callback)) if covered else {}
    if "json" not in _header(callback, "Content-Type").lower():
        return [{**address, **dict(_form(callback.body))}]
    content = _json(callback.body)
    found = _at(content, each) if each else [content]
    if not isinstance(found, list):
        return []
    return [{**address, **_flat(one)} for one in found[:MAX_MESSAGES]]


def _json(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise CallbackRefusedError("the body is not JSON") from None


def _at(content: object, path: str) -> object:
    for name in path.split("."):
        content = content.get(name) if isinstance(content, dict) else None
    return content


def _flat(content: object, before: str = "", depth: int = 0) -> dict[str, str]:
    """The texts and numbers in an object or list, by dotted paths."""
    if isinstance(content, str | int | float) and not isinstance(content, bool):
        text = str(content).encode(errors="replace").decode()  # JSON may contain lone surrogates
        return {before: text} if before else {}
    inner = content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
    flat: dict[str, str] = {}
    for name, value in inner if depth < MAX_DEPTH else ():
        if len(flat) >= MAX_FIELDS:
            break
        flat |= _flat(value, f"{before}.{name}" if before else str(name), depth + 1)
    return flat


def _form(body: bytes) -> list[tuple[str, str]]:
    return _pairs(body.decode(errors="replace"))


def _query(callback: Callback) -> list[tuple[str, str]]:
    try:
        return _pairs(urlsplit(callback.url).query)
    except ValueError:
        raise CallbackRefusedError("the address is invalid") from None


def _pairs(text: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError:
        raise CallbackRefusedError("too many fields") from None


def _spellings(url: str) -> list[str]:
    """The address as given, and with the default port if it has none: gateways differ in which they sign."""
    try:
        parts = urlsplit(url)
        if parts.port is not None or parts.scheme not in PORTS:
            return [url]
    except ValueError:
        raise CallbackRefusedError("the address is invalid") from None
    return [url, parts._replace(netloc=f"{parts.netloc}:{PORTS[parts.scheme]}").geturl()]


def _header(callback: Callback, name: str) -> str:
    return next((value for key, value in callback.headers.items() if key.lower() == name.lower()), "")


def _name(fields: Fields, field: str) -> str | None:
    """A reference, if it is neither empty nor too long."""
    value = fields.get(field, "").strip() if field else ""
    return value if 0 < len(value) <= MAX_NAME else None
