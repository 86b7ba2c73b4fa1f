"""Passwords and emails are sent encrypted, by STARTTLS or by TLS from the start, or not at all."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import SecretStr

from services.notifier.channels.mail import MailServer, MailServerAddress
from services.notifier.channels.mail_message import EmailSender
from services.notifier.channels.provider import DeliveryResult, OutboundMessage, Terms
from services.notifier.models.notification import DeliveryState
from shared.clock import utc_now

MESSAGE = OutboundMessage("0123456789abcdef" * 2, "ayesha@example.com", "Your Rabta code", "Your code is 123456.", "en")
LATER = DeliveryResult(DeliveryState.TEMPORARY_FAILURE)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for this machine, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail.example.com")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(utc_now() - timedelta(hours=1))
        .not_valid_after(utc_now() + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "mail.pem"
    plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(key.private_bytes(*plain) + made.public_bytes(serialization.Encoding.PEM))
    return file


class Heard:
    """The numbers of passwords and emails that a mail server received."""

    def __init__(self) -> None:
        self.passwords = 0
        self.messages = 0

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Count a message."""
        self.messages += 1
        return "250 kept"

    def knows(self, *_: object) -> AuthResult:
        """Count a password and accept it."""
        self.passwords += 1
        return AuthResult(success=True)


@contextmanager
def a_mail_server(port: int, certificate: Path | None, *, from_the_start: bool = False) -> Iterator[Heard]:
    """A mail server that offers STARTTLS, requires TLS from the start, or offers neither."""
    heard, context = Heard(), None
    if certificate is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
    server = Controller(
        heard,
        hostname="127.0.0.1",
        port=port,
        authenticator=heard.knows,
        auth_require_tls=False,
        ssl_context=context if from_the_start else None,
        tls_context=None if from_the_start else context,
    )
    server.start()
    yield heard
    server.stop()


async def delivered(scheme: str, port: int) -> DeliveryResult:
    """The result of a delivery to that server."""
    server = MailServerAddress.of(SecretStr(f"{scheme}://rabta:password@127.0.0.1:{port}"), "RABTA_EMAIL_SERVER")
    sender = EmailSender("no-reply@rabta.example", "", "https://rabta.example")
    provider = MailServer(server, sender, Terms("email", "email", patience=10))
    result = await provider.deliver(MESSAGE)
    await provider.close()
    return result


@pytest.mark.parametrize(("scheme", "from_the_start"), [("smtp", False), ("smtps", True)])
async def test_messages_go_encrypted_to_a_server_whose_certificate_is_known(
    certificate: Path,
    unused_tcp_port: int,
    monkeypatch: pytest.MonkeyPatch,
    scheme: str,
    from_the_start: bool,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with a_mail_server(unused_tcp_port, certificate, from_the_start=from_the_start) as heard:
        assert await delivered(scheme, unused_tcp_port) == DeliveryResult(DeliveryState.SENDING, MESSAGE.reference)
    assert (heard.passwords, heard.messages) == (1, 1)


async def test_nothing_is_said_to_a_server_that_has_no_tls_or_is_another(
    certificate: Path, unused_tcp_port_factory: Callable[[], int]
) -> None:
    plain, unknown, wrong = (unused_tcp_port_factory() for _ in range(3))
    with (
        a_mail_server(plain, None) as none,
        a_mail_server(unknown, certificate) as begun,
        a_mail_server(wrong, certificate, from_the_start=True) as whole,
    ):
        assert [await delivered("smtp", plain), await delivered("smtp", unknown)] == [LATER, LATER]
        assert await delivered("smtps", wrong) == LATER
    assert [(heard.passwords, heard.messages) for heard in (none, begun, whole)] == [(0, 0)] * 3
