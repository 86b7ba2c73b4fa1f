"""Email by SMTP (RFC 5321), with a plain text and a page of the same words (RFC 2046, multipart/alternative)."""

from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from html import escape
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

import aiosmtplib
from pydantic import SecretStr

from services.notifier.channels.addresses import is_bad_address
from services.notifier.channels.port import DeliveryResult, Letter
from services.notifier.channels.provider import OutsideProvider, Terms
from services.notifier.models import State
from shared.clock import utc_now

PORTS = {"smtp": 587, "smtps": 465}
REFUSED = range(500, 600)
OURS = frozenset({530, 534, 535, 538})
"""Answers about who we are and how we sign in (RFC 4954), not about the message."""
PAGE = """<!doctype html>
<html lang="{language}" dir="{direction}"><meta charset="utf-8"><body><p>{words}</p></body></html>
"""


class MailServer(OutsideProvider):
    """A mail server, given as `smtp://user:password@host:587` (STARTTLS) or `smtps://...` (TLS from the start).

    `?tls=never` is for a server on the same machine. Passwords are percent-encoded.
    """

    temporary = (aiosmtplib.SMTPException,)

    def __init__(self, url: SecretStr, sender: str, terms: Terms) -> None:
        """Raises ValueError for an address that is none."""
        super().__init__(terms)
        parts = urlsplit(url.get_secret_value())
        if parts.scheme not in PORTS or not parts.hostname or not _has_good_port(parts):
            raise ValueError("RABTA_EMAIL_SERVER must be smtp://host or smtps://host, its password percent-encoded")
        self._sender = Address(addr_spec=sender)
        self._plain = parse_qs(parts.query).get("tls") == ["never"]
        self._secure = parts.scheme == "smtps"
        self._host, self._port = parts.hostname, parts.port or PORTS[parts.scheme]
        self._user = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None

    async def send(self, letter: Letter) -> DeliveryResult:
        """Hand a message to the server; that it was taken is all that SMTP says."""
        try:
            await aiosmtplib.send(
                self.message(letter),
                hostname=self._host,
                port=self._port,
                username=self._user,
                password=self._password,
                use_tls=self._secure,
                start_tls=not (self._plain or self._secure),
                timeout=self._patience,
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            return _refusal(error.recipients[0].code, error.recipients[0].message)
        except aiosmtplib.SMTPResponseException as error:
            return _refusal(error.code, error.message)
        return DeliveryResult(State.SENDING, letter.reference)

    def message(self, letter: Letter) -> EmailMessage:
        """The message with its headers. Raises ValueError for an address or subject that would break out of them."""
        message = EmailMessage()
        message["From"] = Address("Rabta", self._sender.username, self._sender.domain)
        message["To"] = Address(addr_spec=letter.address)
        message["Subject"] = letter.subject
        message["Date"] = format_datetime(utc_now())
        message["Message-ID"] = f"<{letter.reference}@{self._sender.domain}>"
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's holiday notice answers it
        message["Content-Language"] = letter.language
        message.set_content(letter.words + "\n")
        direction = "rtl" if letter.language == "ur" else "ltr"
        page = PAGE.format(language=letter.language, direction=direction, words=escape(letter.words))
        message.add_alternative(page, subtype="html")
        return message


def _has_good_port(parts: SplitResult) -> bool:
    """Whether the port is one. Behind a `/` in a password there is none, and Python's error quotes the password."""
    try:
        return parts.port != 0
    except ValueError:
        return False


def _refusal(code: int, said: str) -> DeliveryResult:
    """What an answer of the server means for the message."""
    if code in OURS:
        return DeliveryResult(State.TECHNICAL_FAILURE)
    if code not in REFUSED:
        return DeliveryResult(State.TEMPORARY_FAILURE)
    return DeliveryResult(State.PERMANENT_FAILURE, bad_address=is_bad_address("", said))
