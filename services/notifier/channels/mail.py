"""Email by SMTP (RFC 5321)."""

import aiosmtplib

from services.notifier.channels.bounces import EmailReports, is_bad_address
from services.notifier.channels.mail_message import EmailSender, message_of
from services.notifier.channels.mail_pool import Connections, MailServerAddress
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
