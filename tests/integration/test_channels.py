"""Messages that leave the house: to a mail server over SMTP and to an SMS gateway over HTTP, on loopback."""

import asyncio
import contextlib
import email
import email.policy
import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from email.message import EmailMessage
from typing import Any, cast

import pytest
from aiohttp import web
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from pydantic import SecretStr

from services.notifier.channels import DeliveryResult, Letter, providers_of
from services.notifier.channels.gateway import GatewayFile, SmsGateway
from services.notifier.channels.mail import MailServer
from services.notifier.channels.provider import Terms
from services.notifier.models import State
from services.notifier.settings import NotifierSettings
from shared.events import RequestSubmitted
from tests.builders import CITIZEN, a_delivery, an_envelope
from tests.unit.notifier.memory import World
from tests.unit.notifier.samples import MOBILE, filed, registered

SENDER = "no-reply@rabta.example"
TERMS = Terms("sms", "sms", patience=0.5)


def a_letter(address: str, words: str = "Your code is 123456.", language: str = "en", **more: str) -> Letter:
    """A message as the courier hands it over."""
    return Letter(secrets.token_hex(16), address, more.get("subject", "Your Rabta code"), words, language)


class Mailbox:
    """A mail server's handler: keeps what comes, and answers a recipient as it is told to."""

    def __init__(self) -> None:
        self.kept: list[EmailMessage] = []
        self.says = "250 OK"

    async def handle_RCPT(  # noqa: N802  (aiosmtpd's name)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take a recipient, or not."""
        if self.says.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.says

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep a message."""
        content = cast(bytes, envelope.content)
        self.kept.append(email.message_from_bytes(content, policy=email.policy.default))
        return "250 kept"


def knows(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    """Whether the password is right."""
    right = isinstance(data, LoginPassword) and data.password == b"p@ss/word"
    return AuthResult(success=right, handled=False)


@pytest.fixture
def mailbox(unused_tcp_port: int) -> Iterator[tuple[Mailbox, str]]:
    """A mail server in a thread of its own, and its address."""
    kept = Mailbox()
    server = Controller(kept, hostname="127.0.0.1", port=unused_tcp_port, authenticator=knows, auth_require_tls=False)
    server.start()
    yield kept, f"smtp://rabta:p%40ss%2Fword@127.0.0.1:{unused_tcp_port}?tls=never"
    server.stop()


def mail_server(url: str) -> MailServer:
    """The channel to a mail server."""
    return MailServer(SecretStr(url), SENDER, Terms("email", "email", 10))


@pytest.mark.parametrize("language", ["en", "ur"])
async def test_an_email_arrives_as_text_and_as_a_page(mailbox: tuple[Mailbox, str], language: str) -> None:
    kept, url = mailbox
    words = {"en": "Is <b> here? Your code is 123456.", "ur": "آپ کا کوڈ 123456 ہے۔"}[language]
    subject = {"en": "Your Rabta code", "ur": "آپ کا رابطہ کوڈ"}[language]
    letter = a_letter("ayesha@example.com", words, language, subject=subject)
    result = await mail_server(url).deliver(letter)
    assert (result.state, result.reference) == (State.SENDING, letter.reference)
    [came] = kept.kept
    assert (came["To"], came["Subject"], came["From"]) == ("ayesha@example.com", subject, f"Rabta <{SENDER}>")
    assert (came["Message-ID"], came["Auto-Submitted"]) == (f"<{letter.reference}@rabta.example>", "auto-generated")
    text, page = (came.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None
    assert page is not None
    assert text.get_content().strip() == words
    assert f'lang="{language}" dir="{"rtl" if language == "ur" else "ltr"}"' in page.get_content()
    assert "<b>" not in page.get_content()


@pytest.mark.parametrize(
    ("says", "state"),
    [
        ("550 No such user", State.PERMANENT_FAILURE),
        ("452 Mailbox full", State.TEMPORARY_FAILURE),
        ("421 Come back later", State.TEMPORARY_FAILURE),
    ],
)
async def test_what_a_mail_server_says_has_a_class(mailbox: tuple[Mailbox, str], says: str, state: State) -> None:
    kept, url = mailbox
    kept.says = says
    assert (await mail_server(url).deliver(a_letter("ayesha@example.com"))).state is state


async def test_a_wrong_password_and_a_server_that_is_away_are_not_the_citizens_fault(
    mailbox: tuple[Mailbox, str], unused_tcp_port_factory: Callable[[], int]
) -> None:
    _, url = mailbox
    wrong = await mail_server(url.replace("p%40ss", "other")).deliver(a_letter("ayesha@example.com"))
    away = await mail_server(f"smtp://127.0.0.1:{unused_tcp_port_factory()}?tls=never").deliver(
        a_letter("a@example.com")
    )
    assert (wrong.state, away.state) == (State.TECHNICAL_FAILURE, State.TEMPORARY_FAILURE)


@pytest.mark.parametrize("letter", [
    a_letter("ayesha@example.com\r\nBcc: all@example.com"),
    a_letter("ayesha@example.com", subject="Code\r\nBcc: all@example.com"),
])  # fmt: skip
async def test_nobody_writes_headers_into_an_email(mailbox: tuple[Mailbox, str], letter: Letter) -> None:
    kept, url = mailbox
    assert (await mail_server(url).deliver(letter)).state is State.TECHNICAL_FAILURE
    assert kept.kept == []


Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def a_gateway(answer: Answer, kind: str, port: int) -> AsyncIterator[tuple[SmsGateway, list[dict[str, Any]]]]:
    """An SMS gateway on loopback, the channel to it, and what it was asked."""
    asked: list[dict[str, Any]] = []

    async def take(request: web.Request) -> web.StreamResponse:
        form = dict(await request.post())
        asked.append({"path": request.path, "auth": request.headers.get("Authorization"), **form})
        return await answer(request)

    app = web.Application()
    app.router.add_post("/{path:.*}", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    url = f"http://127.0.0.1:{port}" + ("/send.php" if kind == "form" else "")
    channel = SmsGateway(GatewayFile.read(kind), url, "AC1", SecretStr("s3cret"), "RABTA", TERMS)
    try:
        yield channel, asked
    finally:
        await channel.close()
        await runner.cleanup()


def saying(status: int, text: str) -> Answer:
    """A gateway that answers all alike."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, text=text)

    return answer


async def test_a_twilio_gateway_is_asked_as_it_wants(unused_tcp_port: int) -> None:
    words = "Your code is {secret} & 123456."
    said = json.dumps({"sid": "SM42", "status": "queued"})
    async with a_gateway(saying(201, said), "twilio", unused_tcp_port) as (channel, asked):
        result = await channel.deliver(a_letter("+923001234567", words))
    assert (result.state, result.reference) == (State.SENDING, "SM42")
    [one] = asked
    assert one["path"] == "/2010-04-01/Accounts/AC1/Messages.json"
    assert (one["To"], one["From"], one["Body"]) == ("+923001234567", "RABTA", words)
    assert str(one["auth"]).startswith("Basic ")


async def test_a_form_gateway_is_asked_as_it_wants(unused_tcp_port: int) -> None:
    async with a_gateway(saying(200, "OK: 778899"), "form", unused_tcp_port) as (channel, asked):
        result = await channel.deliver(a_letter("+923001234567", "آپ کا کوڈ", "ur"))
    assert (result.state, result.reference) == (State.SENDING, "778899")
    [one] = asked
    assert (one["path"], one["to"], one["message"], one["mask"]) == ("/send.php", "923001234567", "آپ کا کوڈ", "RABTA")
    assert (one["username"], one["password"]) == ("AC1", "s3cret")


@pytest.mark.parametrize(
    ("kind", "status", "text", "state"),
    [
        ("twilio", 400, '{"code": 21211, "message": "Invalid To"}', State.PERMANENT_FAILURE),
        ("twilio", 401, '{"code": 20003}', State.TECHNICAL_FAILURE),
        ("twilio", 429, "{}", State.TEMPORARY_FAILURE),
        ("twilio", 500, "", State.TEMPORARY_FAILURE),
        ("twilio", 200, "<html>Welcome to our hotel</html>", State.TECHNICAL_FAILURE),
        ("form", 200, "Error: Invalid number", State.PERMANENT_FAILURE),
        ("form", 200, "Error: low balance", State.TECHNICAL_FAILURE),
    ],
)
async def test_what_a_gateway_says_has_a_class(
    unused_tcp_port: int, kind: str, status: int, text: str, state: State
) -> None:
    async with a_gateway(saying(status, text), kind, unused_tcp_port) as (channel, _):
        assert (await channel.deliver(a_letter("+923001234567"))).state is state


async def test_whatever_a_message_says_it_stays_in_its_place_of_the_address(unused_tcp_port: int) -> None:
    asked = []

    async def take(request: web.Request) -> web.Response:
        asked.append((request.match_info["words"], dict(request.query)))
        return web.Response(text="OK")

    app = web.Application()
    app.router.add_get("/send/{words:.*}", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", unused_tcp_port).start()
    file = {"method": "GET", "path": "/send/{words}?mask={sender}", "query": {"text": "{words}"}, "accepted": "OK"}
    url = f"http://127.0.0.1:{unused_tcp_port}"
    channel = SmsGateway(GatewayFile.model_validate(file), url, "", SecretStr(""), "RABTA", TERMS)
    words = "Is 1/2 of it done? See #4 & {secret}, 100%23."
    await channel.deliver(a_letter("+923001234567", words))
    await channel.close()
    await runner.cleanup()
    assert asked == [(words, {"mask": "RABTA", "text": words})]


async def test_an_answer_of_a_gateway_may_come_in_pieces_and_without_end(unused_tcp_port: int) -> None:
    async def talk(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(status=201)
        await answer.prepare(request)
        for piece in (b'{"body": "Your code', b'is 123456.", "sid"', b': "SM42"}'):
            await answer.write(piece)
            await asyncio.sleep(0)
        with contextlib.suppress(ConnectionError):
            while True:
                await answer.write(b" " * 65_536)
        return answer

    async with a_gateway(talk, "twilio", unused_tcp_port) as (channel, _):
        result = await channel.deliver(a_letter("+923001234567"))
    assert (result.state, result.reference) == (State.SENDING, "SM42")


async def test_a_gateway_that_hangs_or_is_away_may_work_later(unused_tcp_port: int) -> None:
    release = asyncio.Event()

    async def hang(_: web.Request) -> web.Response:
        await release.wait()
        return web.Response()

    async with a_gateway(hang, "form", unused_tcp_port) as (channel, _):
        assert await channel.deliver(a_letter("+923001234567")) == DeliveryResult(State.TEMPORARY_FAILURE, unsure=True)
        release.set()
    away = SmsGateway(
        GatewayFile.read("form"), f"http://127.0.0.1:{unused_tcp_port}", "", SecretStr(""), "RABTA", TERMS
    )
    assert (await away.deliver(a_letter("+923001234567"))).state is State.TEMPORARY_FAILURE
    await away.close()


async def test_a_message_leaves_by_the_gateway_once_and_is_known_by_its_name_there(unused_tcp_port: int) -> None:
    async with a_gateway(saying(200, "OK: 778899"), "form", unused_tcp_port) as (channel, asked):
        world = World(channel)
        await world.citizens.take([a_delivery(an_envelope(registered("ur"), 1, subject=CITIZEN))])
        await world.notifier.take([a_delivery(an_envelope(filed(RequestSubmitted, "complaint", "verifying")))])
        assert asked == []
        assert await world.courier.round() == 1
        world.clock.advance(minutes=60)
        assert await world.courier.round() == 0
    [made] = world.notifications.all()
    assert (made.state, made.reference, made.language) == (State.SENDING, "778899", "ur")
    [one] = asked
    assert (one["to"], one["message"]) == (MOBILE.removeprefix("+"), world.words()[0])


KEYS = {"data_key": "x", "index_key": "y"}


def test_production_has_the_channels_that_its_settings_name() -> None:
    whole = {
        "env": "production",
        "email_server": "smtps://mail.example.com",
        "email_from": SENDER,
        "sms_gateway": "form",
        "sms_url": "https://sms.example.com/send",
        "sms_sender": "RABTA",
    }
    assert providers_of(NotifierSettings.model_validate({**KEYS, **whole})).keys() == {"sms", "email"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"email_server": "smtp://mail.example.com"},
        {"email_server": "http://mail.example.com", "email_from": SENDER},
        {"email_server": "smtp://rabta:pass/word@mail.example.com:587", "email_from": SENDER},
        {"sms_gateway": "form"},
        {"sms_gateway": "no-such", "sms_url": "https://sms.example.com", "sms_sender": "RABTA"},
        {"send_patience": 20},
    ],
)
def test_settings_that_cannot_work_are_refused_when_the_service_starts(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"RABTA_|no SMS gateway file"):
        providers_of(NotifierSettings.model_validate({**KEYS, "env": "demo", **wrong}))
