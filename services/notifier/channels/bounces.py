"""Bounces: later reports of mail servers about an email that did not arrive (RFC 3464), parsed into `Report`.

Only our own reference counts. It is in the address to which the report was sent, in the headers of the returned
message, or in the headers that name what the report answers. A report without a reference is ignored.
"""

import re
from collections.abc import Iterator
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from pathlib import Path

import yaml
from pydantic import SecretStr, ValidationError

from services.notifier.channels.callbacks import reports_in, verify
from services.notifier.channels.gateway_file import Dialect
from services.notifier.channels.provider import Callback, Report
from services.notifier.models.notification import DeliveryState
from shared.yaml_file import read_yaml

ENHANCED = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
"""A status code of RFC 3463, such as 5.1.1."""
NOBODY_THERE = re.compile(r"5\.(1\.([0-6]|10)|2\.1|4\.4|4\.310)")
"""Unknown mailbox or domain, a closed mailbox, a domain without a route (the last one is Exchange's)."""
UNSPECIFIC = re.compile(r"5\.[05]\.\d{1,3}")
"""Codes that servers use for anything: the text beside them decides."""
MEANT = re.compile(
    r"no such (user|mailbox|recipient|address|account)|unknown (user|mailbox|recipient|address|account)"
    r"|(user|mailbox|recipient|address|account)\W.{0,40}?(unknown|not found|n[o']t exist|invalid|disabled)"
    r"|mailbox unavailable",
    re.IGNORECASE | re.DOTALL,
)
MAX_TEXT = 1000
USUAL = Path(__file__).with_name("email_reports.yaml")
AS_IT_CAME = "message/rfc822"
MAX_BYTES = 128 * 1024
"""Only the beginning of a longer report is read: the status comes before the returned message."""
MAX_PARTS, MAX_BOUNDARIES, MAX_SEPARATORS = 50, 30, 500
"""More than any genuine report has. With nested parts the parser reads each line once per level."""
CAME_BACK = re.compile(r"\+([0-9a-f]{32})@")
"""Our reference in the envelope's sender, `bounce+<reference>@...`, to which reports are sent."""
MESSAGE_ID = re.compile(r"<([0-9a-f]{32})@")
SENT_TO = ("To", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To")
ANSWERED = ("In-Reply-To", "References", "X-Original-Message-ID")
ACTIONS = {"failed": DeliveryState.PERMANENT_FAILURE, "delivered": DeliveryState.DELIVERED}
"""Final actions. `delayed` is not final; `relayed` and `expanded` do not mean that it arrived."""


class EmailReports:
    """Parses calls that bring reports on emails."""

    def __init__(self, path: str, secret: SecretStr) -> None:
        """`path`: the file with the meaning of states; empty for ours. Raises ValueError."""
        try:
            self._file = Dialect.model_validate(read_yaml(Path(path or USUAL)))
        except (OSError, yaml.YAMLError, ValidationError):
            raise ValueError(f"RABTA_EMAIL_REPORTS cannot be used: compare it with {USUAL.name}") from None
        self._secret = secret.get_secret_value()

    def read(self, callback: Callback) -> list[Report]:
        """The reports in a call. Raises CallbackRefusedError."""
        verify(self._file.signature, self._secret, callback)
        kind = next((value for name, value in callback.headers.items() if name.lower() == "content-type"), "")
        if kind.partition(";")[0].strip().lower() == AS_IT_CAME:
            return reports_of(callback.body)
        return reports_in(self._file, callback)


def reports_of(mail: bytes) -> list[Report]:
    """The report in an email about a message of ours, if there is one. Never raises, whatever the email is."""
    mail = mail[:MAX_BYTES]
    if mail.lower().count(b"boundary") > MAX_BOUNDARIES or mail.count(b"\n--") > MAX_SEPARATORS:
        return []
    try:
        message = BytesParser(policy=compat32).parsebytes(mail)
        reference = _reference_in(message)
        found = _status_in(message) if reference else None
    except Exception:  # it is not known which errors a hostile email can cause in the parser
        return []
    if found is None:
        return []
    state, bad_address = found
    return [Report(ours=reference, theirs=None, state=state, bad_address=bad_address)]


def is_bad_address(status: str, text: str) -> bool:
    """Whether a final refusal means that the address is bad: by its status code, otherwise by its text.

    `status` may be empty; `text` is the server's answer or a report's `Diagnostic-Code`.
    """
    text = text[:MAX_TEXT]
    codes = [found[0] for found in ENHANCED.finditer(f"{status} {text}")]
    telling = [code for code in codes if not UNSPECIFIC.fullmatch(code)]
    if telling:
        return bool(NOBODY_THERE.fullmatch(telling[0]))
    return bool(MEANT.search(text))


def _reference_in(message: Message) -> str | None:
    """Our reference of the reported message."""
    parts = list(_parts(message))
    places = [
        *((CAME_BACK, text) for name in SENT_TO for text in _all(message, name)),
        *((MESSAGE_ID, text) for part in parts if part is not message for text in _all(part, "Message-ID")),
        *((MESSAGE_ID, text) for part in parts for text in _headers_in(part)),
        *((MESSAGE_ID, text) for name in ANSWERED for text in _all(message, name)),
    ]
    return next((found[1] for pattern, text in places if (found := pattern.search(text))), None)


def _headers_in(part: Message) -> list[str]:
    """The `Message-ID` lines of a part that contains only the headers of the returned message (RFC 3462)."""
    if part.get_content_type() != "text/rfc822-headers":
        return []
    return re.findall(r"(?im)^message-id:(.{0,300})$", _text_of(part))


def _status_in(message: Message) -> tuple[DeliveryState, bool] | None:
    """The final state, and whether the address is bad; None if it is not final, or this is no report."""
    for part in _parts(message):
        if part.get_content_type() == "message/delivery-status":
            return _status_of(part)
    if _all(message, "X-Failed-Recipients"):  # older versions of Exim
        return _failed("", next((_text_of(part) for part in _parts(message) if not part.is_multipart()), ""))
    return None


def _status_of(part: Message) -> tuple[DeliveryState, bool] | None:
    """The status of the first recipient: each of our messages has only one."""
    blocks = part.get_payload()
    for block in [one for one in blocks if isinstance(one, Message)] if isinstance(blocks, list) else []:
        action = _first(block, "Action").split("(")[0].strip().lower()
        if action == "failed":
            return _failed(_first(block, "Status"), _first(block, "Diagnostic-Code"))
        if action in ACTIONS:
            return ACTIONS[action], False
    return None


def _failed(status: str, text: str) -> tuple[DeliveryState, bool]:
    """After a 4.x.x the server gave up, but another attempt may succeed."""
    code = ENHANCED.search(status) or ENHANCED.search(text)
    if code is not None and code[1] == "4":
        return DeliveryState.TEMPORARY_FAILURE, False
    return DeliveryState.PERMANENT_FAILURE, is_bad_address(status, text)


def _parts(message: Message) -> Iterator[Message]:
    """The email and its parts, limited to a depth and number that no genuine report exceeds."""
    waiting = [message]
    for _ in range(MAX_PARTS):
        if not waiting:
            return
        part = waiting.pop(0)
        yield part
        inner = part.get_payload()
        if isinstance(inner, list):
            waiting += [one for one in inner if isinstance(one, Message)][:MAX_PARTS]


def _all(message: Message, name: str) -> list[str]:
    return [str(value) for value in message.get_all(name, [])[:10]]


def _first(message: Message, name: str) -> str:
    return next(iter(_all(message, name)), "")


def _text_of(part: Message) -> str:
    content = part.get_payload(decode=True)
    return content[:10_000].decode("utf-8", "replace") if isinstance(content, bytes) else ""
