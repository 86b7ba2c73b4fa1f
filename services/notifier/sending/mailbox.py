"""The mailbox for bounces, read by IMAP (RFC 3501).

Reports on our messages are deleted. Everything else stays, marked as read, because people may have replied.
Several replicas may read the same email at once; processing it twice changes nothing.
"""

import asyncio
import imaplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar
from urllib.parse import parse_qs, unquote, urlsplit

import structlog
from pydantic import SecretStr

from services.notifier.channels.bounces import MAX_BYTES, reports_of
from services.notifier.sending.reports import MAILBOX, Reports

PORTS = {"imap": 143, "imaps": 993}
BATCH_SIZE = 200
PATIENCE = 15.0

T = TypeVar("T")
log = structlog.get_logger(__name__)


class MailboxAwayError(OSError):
    """The mailbox does not answer, or not as expected; the message is the kind of error and quotes nothing."""


class Mailbox:
    """A mailbox, given as `imaps://user:password@host/folder` (or `imap://`, which requires STARTTLS); or none.

    `?tls=never` is for a server on the same machine. Passwords are percent-encoded.
    """

    def __init__(self, url: SecretStr, reports: Reports) -> None:
        """Raises ValueError, without quoting it, for an invalid address."""
        self._reports = reports
        self._is_set = bool(url.get_secret_value())
        if not self._is_set:
            return
        try:
            parts = urlsplit(url.get_secret_value())
            self._port = parts.port or PORTS[parts.scheme]
        except (ValueError, KeyError):
            raise ValueError("RABTA_BOUNCE_MAILBOX must be imaps://user:password@host/folder") from None
        if not (parts.hostname and parts.username and parts.password):
            raise ValueError("RABTA_BOUNCE_MAILBOX must be imaps://user:password@host/folder")
        self._host, self._secure = parts.hostname, parts.scheme == "imaps"
        self._plain = parse_qs(parts.query).get("tls") == ["never"]
        self._login = unquote(parts.username), unquote(parts.password)
        self._folder = unquote(parts.path.strip("/")) or "INBOX"

    async def sweep(self) -> None:
        """Process new emails. An unavailable mailbox is tried again the next time. Raises UnavailableError."""
        try:
            await self.read()
        except MailboxAwayError as error:
            log.warning("mailbox.away", error=str(error))

    async def read(self) -> int:
        """Process some new emails; returns their number. Raises MailboxAwayError, UnavailableError."""
        if not self._is_set:
            return 0
        with _named_errors():
            box = await asyncio.to_thread(self._open)
        try:
            mails = await self._call(_unread, box)
            for uid, mail in mails.items():
                await self._take(box, uid, mail)
            return len(mails)
        finally:
            with suppress(MailboxAwayError):
                await self._call(_leave, box)

    async def _take(self, box: imaplib.IMAP4, uid: str, mail: bytes) -> None:
        reports = await asyncio.to_thread(reports_of, mail)
        unknown = await self._reports.take(MAILBOX, reports)
        is_ours = bool(reports) and not unknown
        flags = r"(\Seen \Deleted)" if is_ours else r"(\Seen)"
        await self._call(_flag, box, uid, flags)
        log.info("mailbox.read", reported=is_ours)

    @staticmethod
    async def _call(work: Callable[..., T], *arguments: object) -> T:
        with _named_errors():
            return await asyncio.to_thread(work, *arguments)

    def _open(self) -> imaplib.IMAP4:
        context = ssl.create_default_context()
        if self._secure:
            box: imaplib.IMAP4 = imaplib.IMAP4_SSL(self._host, self._port, ssl_context=context, timeout=PATIENCE)
        else:
            box = imaplib.IMAP4(self._host, self._port, timeout=PATIENCE)
            if not self._plain:
                box.starttls(context)
        box.login(*self._login)
        _demand(box.select(f'"{self._folder}"'))
        return box


def _unread(box: imaplib.IMAP4) -> dict[str, bytes]:
    """Some unread emails by their UIDs; of a huge one only the beginning."""
    [found] = _demand(box.uid("SEARCH", "UNSEEN", "UNDELETED"))
    mails = {}
    for uid in (found or b"").decode().split()[:BATCH_SIZE]:
        answer = _demand(box.uid("FETCH", uid, f"(BODY.PEEK[]<0.{MAX_BYTES}>)"))
        mails[uid] = next((part[1] for part in answer if isinstance(part, tuple)), b"")
    return mails


def _flag(box: imaplib.IMAP4, uid: str, flags: str) -> None:
    _demand(box.uid("STORE", uid, "+FLAGS.SILENT", flags))


def _leave(box: imaplib.IMAP4) -> None:
    """Close the folder, which removes deleted emails, and log out."""
    with suppress(imaplib.IMAP4.error):
        box.close()
    box.logout()


def _demand(answer: tuple[str, list[Any]]) -> list[Any]:
    status, data = answer
    if status != "OK":
        raise MailboxAwayError("refused")
    return data


@contextmanager
def _named_errors() -> Iterator[None]:
    """Replace errors by their kind: their text may contain a password or an email."""
    try:
        yield
    except MailboxAwayError:
        raise
    except (OSError, imaplib.IMAP4.error) as error:
        raise MailboxAwayError(type(error).__name__) from None
