"""Sending emails to a mail server over SMTP, on loopback."""

import asyncio
import email
import email.policy
import secrets
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from typing import Any, cast

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from pydantic import SecretStr

from services.notifier.channels.mail import MailServer, MailServerAddress
from services.notifier.channels.mail_message import EmailSender
from services.notifier.channels.provider import DeliveryResult, OutboundMessage, Terms
from services.notifier.models.notification import DeliveryState

SENDER = "no-reply@rabta.example"
BOUNCES = "bounce@rabta.example"
PORTAL = "https://rabta.example"


def a_message(address: str, words: str = "Your code is 123456.", language: str = "en", **more: str) -> OutboundMessage:
    """An outbound message."""
    return OutboundMessage(secrets.token_hex(16), address, more.get("subject", "Your Rabta code"), words, language)


class Mailbox:
    """A mail server's handler: keeps emails, and gives the set response to a recipient."""

    def __init__(self) -> None:
        self.kept: list[EmailMessage] = []
        self.senders: list[str | None] = []
        self.says = "250 OK"
        self.cuts = False
        self.sessions: dict[str, SMTP] = {}
        """The connection of each email, by its peer."""

    async def handle_RCPT(  # noqa: N802  (aiosmtpd's name)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Accept or refuse a recipient."""
        if self.says.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.says

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep an email."""
        content = cast(bytes, envelope.content)
        self.senders.append(envelope.mail_from)
        self.sessions[str(session.peer)] = server
        self.kept.append(email.message_from_bytes(content, policy=email.policy.default))
        if self.cuts and server.transport is not None:
            server.transport.close()
        return "250 kept"

    def hang_up(self) -> None:
        """Close all connections."""
        for server in self.sessions.values():
            if server.transport is not None:
                server.loop.call_soon_threadsafe(server.transport.close)


def knows(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    """Whether the password is right."""
    right = isinstance(data, LoginPassword) and data.password == b"p@ss/word"
    return AuthResult(success=right, handled=False)


@pytest.fixture
def mailbox(unused_tcp_port: int) -> Iterator[tuple[Mailbox, str]]:
    """A mail server in a thread, and its address."""
    kept = Mailbox()
    server = Controller(kept, hostname="127.0.0.1", port=unused_tcp_port, authenticator=knows, auth_require_tls=False)
    server.start()
    yield kept, f"smtp://rabta:p%40ss%2Fword@127.0.0.1:{unused_tcp_port}?tls=never"
    server.stop()


def mail_server(url: str) -> MailServer:
    """The channel to a mail server."""
    return MailServer(
        MailServerAddress.of(SecretStr(url), "RABTA_EMAIL_SERVER"),
        EmailSender(SENDER, BOUNCES, PORTAL),
        Terms("email", "email", 10),
    )


@pytest.mark.parametrize("language", ["en", "ur"])
async def test_an_email_arrives_as_text_and_as_a_page(mailbox: tuple[Mailbox, str], language: str) -> None:
    kept, url = mailbox
    words = {"en": "Is <b> here? Your code is 123456.", "ur": "آپ کا کوڈ 123456 ہے۔"}[language]
    subject, brand = {"en": ("Your Rabta code", "Rabta"), "ur": ("آپ کا رابطہ کوڈ", "رابطہ")}[language]
    letter = a_message("ayesha@example.com", words, language, subject=subject)
    result = await mail_server(url).deliver(letter)
    assert (result.state, result.reference) == (DeliveryState.SENDING, letter.reference)
    [came] = kept.kept
    assert (came["To"], came["Subject"], came["From"]) == ("ayesha@example.com", subject, f"{brand} <{SENDER}>")
    assert (came["Message-ID"], came["Auto-Submitted"]) == (f"<{letter.reference}@rabta.example>", "auto-generated")
    text, page = (came.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None
    assert page is not None
    assert text.get_content().splitlines()[0] == words
    assert f'lang="{language}" dir="{"rtl" if language == "ur" else "ltr"}"' in page.get_content()
    assert "123456" in page.get_content()
    assert "<b>" not in page.get_content()


@pytest.mark.parametrize(
    ("says", "state"),
    [
        ("550 No such user", DeliveryState.PERMANENT_FAILURE),
        ("452 Mailbox full", DeliveryState.TEMPORARY_FAILURE),
        ("421 Come back later", DeliveryState.TEMPORARY_FAILURE),
    ],
)
async def test_every_answer_of_a_mail_server_has_a_class(
    mailbox: tuple[Mailbox, str], says: str, state: DeliveryState
) -> None:
    kept, url = mailbox
    kept.says = says
    assert (await mail_server(url).deliver(a_message("ayesha@example.com"))).state is state


async def test_a_wrong_password_and_a_server_that_is_away_are_not_the_citizens_fault(
    mailbox: tuple[Mailbox, str], unused_tcp_port_factory: Callable[[], int]
) -> None:
    _, url = mailbox
    wrong = await mail_server(url.replace("p%40ss", "other")).deliver(a_message("ayesha@example.com"))
    away = await mail_server(f"smtp://127.0.0.1:{unused_tcp_port_factory()}?tls=never").deliver(
        a_message("a@example.com")
    )
    assert (wrong.state, away.state) == (DeliveryState.TECHNICAL_FAILURE, DeliveryState.TEMPORARY_FAILURE)


@pytest.mark.parametrize("letter", [
    a_message("ayesha@example.com\r\nBcc: all@example.com"),
    a_message("ayesha@example.com", subject="Code\r\nBcc: all@example.com"),
])  # fmt: skip
async def test_nobody_writes_headers_into_an_email(mailbox: tuple[Mailbox, str], letter: OutboundMessage) -> None:
    kept, url = mailbox
    assert (await mail_server(url).deliver(letter)).state is DeliveryState.TECHNICAL_FAILURE
    assert kept.kept == []


async def test_a_bounce_comes_to_an_address_that_names_the_message(mailbox: tuple[Mailbox, str]) -> None:
    kept, url = mailbox
    letter = a_message("ayesha@example.com")
    await mail_server(url).deliver(letter)
    assert kept.senders == [f"bounce+{letter.reference}@rabta.example"]


async def test_messages_share_connections_however_many_come_at_once(mailbox: tuple[Mailbox, str]) -> None:
    kept, url = mailbox
    server = mail_server(url)
    first = await server.deliver(a_message("ayesha@example.com"))
    second = await server.deliver(a_message("bilal@example.com"))
    assert (first.state, second.state, len(kept.sessions)) == (DeliveryState.SENDING, DeliveryState.SENDING, 1)
    letters = [a_message(f"citizen{number}@example.com") for number in range(40)]
    results = await asyncio.gather(*(server.deliver(letter) for letter in letters))
    await server.close()
    assert {result.state for result in results} == {DeliveryState.SENDING}
    assert {message["Message-ID"] for message in kept.kept[2:]} == {
        f"<{one.reference}@rabta.example>" for one in letters
    }
    assert len(kept.sessions) <= MailServer.at_once


async def test_a_refused_message_leaves_the_connection_good_for_the_next(mailbox: tuple[Mailbox, str]) -> None:
    kept, url = mailbox
    server = mail_server(url)
    await server.deliver(a_message("ayesha@example.com"))
    kept.says = "550 5.1.1 No such user"
    refused = await server.deliver(a_message("nobody@example.com"))
    kept.says = "250 OK"
    again = await server.deliver(a_message("ayesha@example.com"))
    await server.close()
    assert (refused.bad_address, again.state, len(kept.sessions)) == (True, DeliveryState.SENDING, 1)
    assert [message["To"] for message in kept.kept] == ["ayesha@example.com"] * 2


async def test_a_connection_that_the_server_closed_meanwhile_is_opened_anew(mailbox: tuple[Mailbox, str]) -> None:
    kept, url = mailbox
    server = mail_server(url)
    await server.deliver(a_message("ayesha@example.com"))
    kept.hang_up()
    again = await server.deliver(a_message("ayesha@example.com"))
    await server.close()
    assert (again.state, len(kept.sessions)) == (DeliveryState.SENDING, 2)


async def test_a_message_whose_server_goes_away_before_it_answers_may_have_been_taken(
    mailbox: tuple[Mailbox, str],
) -> None:
    kept, url = mailbox
    kept.cuts = True
    result = await mail_server(url).deliver(a_message("ayesha@example.com"))
    assert result == DeliveryResult(DeliveryState.TEMPORARY_FAILURE, unsure=True)
    assert len(kept.kept) == 1


async def test_a_message_that_was_never_handed_over_may_be_sent_again_without_a_doubt(unused_tcp_port: int) -> None:
    async def hold(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await released.wait()
        writer.close()

    released = asyncio.Event()
    terms = Terms("email", "email", patience=0.2)
    server = MailServerAddress.of(SecretStr(f"smtp://127.0.0.1:{unused_tcp_port}?tls=never"), "RABTA_EMAIL_SERVER")
    async with await asyncio.start_server(hold, "127.0.0.1", unused_tcp_port):
        result = await MailServer(server, EmailSender(SENDER, "", PORTAL), terms).deliver(
            a_message("ayesha@example.com")
        )
        released.set()
    assert result == DeliveryResult(DeliveryState.TEMPORARY_FAILURE)
