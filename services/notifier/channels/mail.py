"""Email by SMTP (RFC 5321)."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

import aiosmtplib
from pydantic import SecretStr

from services.notifier.channels.bounces import EmailReports, is_bad_address
from services.notifier.channels.mail_message import EmailSender, message_of
from services.notifier.channels.provider import (
    Attempt,
    Callback,
    DeliveryResult,
    OutboundMessage,
    OutsideProvider,
    Report,
    Terms,
)
from services.notifier.models.notification import DeliveryState

PORTS = {"smtp": 587, "smtps": 465}
MAX_REST = 60.0
"""Seconds after which an idle connection is not used again: servers close theirs after some minutes."""
MAX_MESSAGES = 100
"""Messages over one connection: many servers refuse more."""


@dataclass(frozen=True, slots=True)
class MailServerAddress:
    """A mail server, given as `smtp://user:password@host:587` (STARTTLS) or `smtps://...` (TLS from the start).

    `?tls=never` is for a server on the same machine. Passwords are percent-encoded.
    """

    host: str
    port: int
    user: str | None
    password: str | None = field(repr=False)
    secure: bool
    plain: bool

    @classmethod
    def of(cls, url: SecretStr, setting: str) -> "MailServerAddress":
        """The server at an address. Raises ValueError, without quoting it, for an invalid one."""
        parts = urlsplit(url.get_secret_value())
        if parts.scheme not in PORTS or not parts.hostname or not _has_good_port(parts):
            raise ValueError(f"{setting} must be smtp://host or smtps://host, its password percent-encoded")
        return cls(
            parts.hostname,
            parts.port or PORTS[parts.scheme],
            unquote(parts.username) if parts.username else None,
            unquote(parts.password) if parts.password else None,
            secure=parts.scheme == "smtps",
            plain=parse_qs(parts.query).get("tls") == ["never"],
        )

    async def connect(self, patience: float) -> aiosmtplib.SMTP:
        """A signed-in connection; may raise SMTPException or OSError."""
        client = aiosmtplib.SMTP(
            hostname=self.host,
            port=self.port,
            username=self.user,
            password=self.password,
            use_tls=self.secure,
            start_tls=not (self.plain or self.secure),
            timeout=patience,
        )
        await client.connect()
        return client


@dataclass(slots=True)
class PooledConnection:
    """A connection, since when it is idle, and how many messages it has carried."""

    client: aiosmtplib.SMTP
    since: float = 0.0
    messages: int = 0


class Connections:
    """Connections to one server; idle ones are kept for the next message."""

    def __init__(self, server: MailServerAddress, patience: float) -> None:
        self._server = server
        self._patience = patience
        self._free: list[PooledConnection] = []

    @asynccontextmanager
    async def one(self, *, fresh: bool = False) -> AsyncIterator[aiosmtplib.SMTP]:
        """A connection for one message, a new one if `fresh`. It is kept if it is still usable afterwards."""
        kept = None if fresh else self._kept()
        kept = kept or PooledConnection(await self._server.connect(self._patience))
        try:
            yield kept.client
        except aiosmtplib.SMTPResponseException:
            await self._clear(kept.client)
            self._keep(kept)
            raise
        except BaseException:  # also after a timeout: a late response would be read for another message
            kept.client.close()
            raise
        self._keep(kept)

    async def close(self) -> None:
        """Close all idle connections."""
        while self._free:
            client = self._free.pop().client
            with suppress(aiosmtplib.SMTPException, OSError):
                await client.quit(timeout=1)
            client.close()

    def _kept(self) -> PooledConnection | None:
        """The most recently used connection, if it still seems open."""
        while self._free:
            kept = self._free.pop()
            if kept.client.is_connected and time.monotonic() - kept.since < MAX_REST:
                return kept
            kept.client.close()
        return None

    async def _clear(self, client: aiosmtplib.SMTP) -> None:
        """Reset the connection after a refused message."""
        try:
            if client.is_connected:
                await client.rset()
        except (aiosmtplib.SMTPException, OSError):
            client.close()

    def _keep(self, kept: PooledConnection) -> None:
        kept.messages += 1
        kept.since = time.monotonic()
        if kept.client.is_connected and kept.messages < MAX_MESSAGES:
            self._free.append(kept)
        else:
            kept.client.close()


def _has_good_port(parts: SplitResult) -> bool:
    """Whether the port is valid. After a `/` in a password it is not, and Python's error quotes the password."""
    try:
        return parts.port != 0
    except ValueError:
        return False


REFUSED = range(500, 600)
OURS = frozenset({530, 534, 535, 538})
"""Responses about our authentication (RFC 4954), not about the message."""
CLOSING = 421
ABOUT_THE_MESSAGE = (aiosmtplib.SMTPRecipientRefused, aiosmtplib.SMTPDataError)
"""Refusals of the recipient or the content; earlier ones concern our account."""


class MailServer(OutsideProvider):
    """A mail server."""

    temporary = (aiosmtplib.SMTPException,)
    at_once = 5  # servers limit connections from one sender

    def __init__(
        self, server: MailServerAddress, sender: EmailSender, terms: Terms, reports: EmailReports | None = None
    ) -> None:
        super().__init__(terms)
        self._reports = reports
        self._sender = sender
        self._connections = Connections(server, terms.patience)

    async def send(self, message: OutboundMessage, attempt: Attempt) -> DeliveryResult:
        """Hand a message to the server; SMTP confirms only that it was accepted."""
        content = message_of(message, self._sender).as_bytes()
        try:
            await self._hand_over(message, content, attempt)
        except ABOUT_THE_MESSAGE as error:
            return _refusal(error.code, error.message)
        except aiosmtplib.SMTPResponseException as error:
            return DeliveryResult(
                DeliveryState.TECHNICAL_FAILURE if error.code in REFUSED else DeliveryState.TEMPORARY_FAILURE
            )
        return DeliveryResult(DeliveryState.SENDING, message.reference)

    async def _hand_over(self, message: OutboundMessage, content: bytes, attempt: Attempt) -> None:
        """Send over an open connection, or over a new one if the server has closed that meanwhile."""
        for fresh in (False, True):
            try:
                async with self._connections.one(fresh=fresh) as client:
                    await client.mail(self._sender.envelope(message.reference))
                    await client.rcpt(message.address)
                    attempt.unsure = True
                    await client.data(content)
                    return
            except (aiosmtplib.SMTPServerDisconnected, aiosmtplib.SMTPSenderRefused) as error:
                closed = not isinstance(error, aiosmtplib.SMTPSenderRefused) or error.code == CLOSING
                if fresh or attempt.unsure or not closed:
                    raise

    def reports(self, callback: Callback) -> list[Report]:
        """The reports in a callback. Raises CallbackRefusedError."""
        return self._reports.read(callback) if self._reports else super().reports(callback)

    async def close(self) -> None:
        """Close the connections."""
        await self._connections.close()


def _refusal(code: int, text: str) -> DeliveryResult:
    """The meaning of a server's response."""
    if code in OURS:
        return DeliveryResult(DeliveryState.TECHNICAL_FAILURE)
    if code not in REFUSED:
        return DeliveryResult(DeliveryState.TEMPORARY_FAILURE)
    return DeliveryResult(DeliveryState.PERMANENT_FAILURE, bad_address=is_bad_address("", text))
