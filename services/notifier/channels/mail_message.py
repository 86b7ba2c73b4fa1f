"""An email as sent (RFC 5322): headers, and the text as plain text and as HTML (multipart/alternative)."""

import re
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from services.notifier.channels.provider import OutboundMessage
from shared.clock import utc_now
from shared.yaml_file import read_yaml

PAGES = Path(__file__).with_name("pages")
SETTINGS_PAGE, SETTINGS_PAGE_OF_STAFF = "/my/messages/settings", "/staff/messages"
PAGES_OF_STAFF = ("/desk", "/staff")
LTR_WORD = r"[0-9A-Za-z+@#][\w+@#./:?=&%-]*"
LTR = re.compile(rf"{LTR_WORD}(?: {LTR_WORD})*", re.ASCII)
"""Text that reads from left to right within Urdu: numbers, names and addresses, and the spaces between them."""
CODE = re.compile(r"(?<![\w-])\d{6}(?![\w-])", re.ASCII)
NUMBER = re.compile(r"\b[A-Z]{2}(?:-[0-9A-Z]+)+\b", re.ASCII)
"""A tracking number, which must not be broken into lines."""
ADDRESS = re.compile(r"https?://[!-;=?-~]+")
"""An address that is allowed between < and > in a header."""


@dataclass(frozen=True, slots=True)
class EmailSender:
    """The sender of emails: its address, the address for bounces, and the portal's address."""

    address: str
    bounces: str
    portal: str

    @property
    def domain(self) -> str:
        """The domain of our message ids."""
        return self.address.rpartition("@")[2]

    def envelope(self, reference: str) -> str:
        """The address for bounces, which contains our reference."""
        if not self.bounces:
            return self.address
        box, _, domain = self.bounces.rpartition("@")
        return f"{box}+{reference}@{domain}"


class WholeLines(EmailPolicy):
    """Keeps headers with a page's address on one line: Python would encode a long one as text."""

    def fold(self, name: str, value: str) -> str:
        """A header as lines."""
        if name.startswith("List-"):
            return f"{name}: {value}{self.linesep}"
        return str(super().fold(name, value))

    def fold_binary(self, name: str, value: str) -> bytes:
        """A header as lines of bytes."""
        return self.fold(name, value).encode("ascii")


POLICY = WholeLines(linesep="\r\n", cte_type="7bit")
"""In seven bits, because not every server accepts eight."""


def message_of(message: OutboundMessage, sender: EmailSender) -> EmailMessage:
    """The message with its headers. Raises ValueError for a value that would break the headers."""
    email = EmailMessage(policy=POLICY)
    from_ = Address(addr_spec=sender.address)
    text = texts()[message.language]
    email["From"] = Address(text["brand"], from_.username, from_.domain)
    email["To"] = Address(addr_spec=message.address)
    email["Subject"] = message.subject.strip()  # a line break at its end would end the headers
    email["Date"] = format_datetime(utc_now())
    email["Message-ID"] = f"<{message.reference}@{sender.domain}>"
    email["Auto-Submitted"] = "auto-generated"  # RFC 3834: no automatic replies
    email["X-Auto-Response-Suppress"] = "OOF, AutoReply"  # the same for Exchange
    if message.unsubscribe is not None:
        email["List-Unsubscribe"] = f"<{_address(message.unsubscribe)}>"
        email["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058
        email["Precedence"] = "bulk"
    shared = {"text": text, "settings": _settings_of(message, sender), "unsubscribe": message.unsubscribe}
    email.set_content(_templates().get_template("email.txt").render(words=message.words, page=message.page, **shared))
    email.add_alternative(_page(message, shared), subtype="html")
    email["Content-Language"] = message.language  # last: adding a part moves headers that begin with Content-
    return email


def _page(message: OutboundMessage, shared: dict[str, Any]) -> str:
    return (
        _templates()
        .get_template("email.html")
        .render(
            language=message.language,
            direction="rtl" if message.language == "ur" else "ltr",
            subject=message.subject,
            paragraphs=paragraphs(message),
            page=_address(message.page) if message.page else None,
            **shared,
        )
    )


def paragraphs(message: OutboundMessage) -> list[Markup]:
    """The text as HTML paragraphs; codes are large, and numbers within Urdu keep their direction."""
    is_code = _is_code(message)
    return [
        Markup("<br>").join(_line(line, message.language, is_code=is_code) for line in paragraph.split("\n"))
        for paragraph in re.split(r"\n\s*\n", message.words.strip())
    ]


def _is_code(message: OutboundMessage) -> bool:
    return message.page is None and message.unsubscribe is None


def _settings_of(message: OutboundMessage, sender: EmailSender) -> str | None:
    """The address of the reader's preferences; none in a code."""
    if _is_code(message):
        return None
    is_staff = (message.page or "").removeprefix(sender.portal).startswith(PAGES_OF_STAFF)
    return sender.portal + (SETTINGS_PAGE_OF_STAFF if is_staff else SETTINGS_PAGE)


def _line(line: str, language: str, *, is_code: bool) -> Markup:
    apart = LTR if language == "ur" else CODE if is_code else NUMBER
    made, at = Markup(""), 0
    for found in apart.finditer(line):
        made += escape(line[at : found.start()]) + _isolated(found[0], is_code=is_code)
        at = found.end()
    return made + escape(line[at:])


def _isolated(text: str, *, is_code: bool) -> Markup:
    if is_code and CODE.fullmatch(text):
        return Markup('<bdi dir="ltr" class="code">{}</bdi>').format(text)
    return Markup('<bdi dir="ltr"{}>{}</bdi>').format(Markup(' class="whole"') if NUMBER.fullmatch(text) else "", text)


def _address(url: str) -> str:
    """The address of a page. Raises ValueError if it is invalid or would end its header."""
    if not ADDRESS.fullmatch(url):
        raise ValueError("a link in an email must be the address of a page")
    return url


@cache
def texts() -> dict[str, dict[str, str]]:
    """The fixed texts of an email, by language."""
    loaded: dict[str, dict[str, str]] = read_yaml(PAGES / "email.yaml")
    return loaded


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(PAGES),
        autoescape=lambda name: name is not None and name.endswith(".html"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
