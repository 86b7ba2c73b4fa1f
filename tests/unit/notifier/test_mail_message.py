"""Emails as sent: no header injection, the same text in both parts, one-click unsubscribe."""

import email
import email.policy
from dataclasses import replace
from email.errors import HeaderParseError
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import cast

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.notifier.channels.mail_message import EmailSender, message_of, paragraphs, texts
from services.notifier.channels.provider import OutboundMessage
from tests.cases import cases

PORTAL = "https://rabta.example"
SENDER = EmailSender("no-reply@rabta.example", "bounce@rabta.example", PORTAL)
CODE = OutboundMessage("0123456789abcdef" * 2, "ayesha@example.com", "Your Rabta code", "Your code is 123456.", "en")
NEWS = replace(
    CODE,
    words="Water Supply has your complaint RB-7F3K-9Q2M-E.\n\nIt has to answer by 14 December.",
    page=f"{PORTAL}/my/requests/RB-7F3K-9Q2M-E",
    unsubscribe=f"{PORTAL}/messages/stop/{'t' * 300}",
)


def sent(letter: OutboundMessage) -> EmailMessage:
    """The message as parsed by its recipient."""
    return email.message_from_bytes(message_of(letter, SENDER).as_bytes(), policy=email.policy.default)


def part(message: EmailMessage, kind: str) -> str:
    """The text of one of its parts."""
    body = message.get_body((kind,))
    assert body is not None
    return cast(str, body.get_content())


class Seen(HTMLParser):
    """The text, links and loaded resources of an HTML part."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.links: list[str | None] = []
        self.loads: list[str] = []
        self.shown: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Record links and external resources."""
        if tag in ("img", "script", "link", "iframe", "object", "form", "base") or any(n == "src" for n, _ in attrs):
            self.loads.append(tag)
        self.links += [value for name, value in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        """Record text."""
        self.shown.append(data)


def test_the_bounce_address_contains_the_reference() -> None:
    assert SENDER.envelope(CODE.reference) == f"bounce+{CODE.reference}@rabta.example"
    assert replace(SENDER, bounces="").envelope(CODE.reference) == SENDER.address


def test_a_code_has_no_button_and_no_unsubscribe_link() -> None:
    message = sent(CODE)
    assert message["List-Unsubscribe"] is None
    assert message["Precedence"] is None
    assert message["Auto-Submitted"] == "auto-generated"
    assert Seen(part(message, "html")).links == []
    assert '<bdi dir="ltr" class="code">123456</bdi>' in part(message, "html")


def test_a_notice_links_to_its_page_and_to_one_click_unsubscribe() -> None:
    raw = message_of(NEWS, SENDER).as_bytes()
    assert f"\r\nList-Unsubscribe: <{NEWS.unsubscribe}>\r\n".encode() in raw
    assert b"\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in raw
    links = [NEWS.page, f"{PORTAL}/my/messages/settings", NEWS.unsubscribe]
    message = sent(NEWS)
    page = Seen(part(message, "html"))
    assert (page.links, page.loads) == (links, [])
    assert [line for line in part(message, "plain").splitlines() if line in links] == links


def test_an_email_to_staff_links_to_their_own_preferences() -> None:
    work = replace(NEWS, page=f"{PORTAL}/desk/RB-7F3K-9Q2M-E", unsubscribe=None)
    assert Seen(part(sent(work), "html")).links == [work.page, f"{PORTAL}/staff/messages"]


@pytest.mark.parametrize("language", ["en", "ur"])
def test_each_language_has_all_fixed_texts(language: str) -> None:
    message = sent(replace(NEWS, language=language))
    shown = " ".join(Seen(part(message, "html")).shown)
    assert [name for name, label in texts()[language].items() if label not in shown] == []
    assert message["Content-Language"] == language
    assert f'dir="{"rtl" if language == "ur" else "ltr"}"' in part(message, "html")


def test_numbers_in_urdu_keep_their_direction_and_texts_contain_no_links() -> None:
    words = "نمبر RB-7F3K-9Q2M-E ہے، فون +92 300 1234567۔\nدیکھیں <a href=x>"
    [made] = paragraphs(replace(NEWS, language="ur", words=words))
    assert made == (
        'نمبر <bdi dir="ltr" class="whole">RB-7F3K-9Q2M-E</bdi> ہے، فون <bdi dir="ltr">+92 300 1234567</bdi>۔<br>'
        'دیکھیں &lt;<bdi dir="ltr">a href=x</bdi>&gt;'
    )


@cases("name", ["address", "subject", "page", "unsubscribe", "reference"])
@cases("end", ["\r\nBcc: all@example.com", "\nBcc: all@example.com", "\r\n\r\n<b>"])
def test_no_value_can_inject_a_header(name: str, end: str) -> None:
    letter = replace(NEWS, **{name: str(getattr(NEWS, name)) + end})
    with pytest.raises((ValueError, HeaderParseError)):
        message_of(letter, SENDER).as_bytes()


@given(st.text(max_size=120), st.text(max_size=300), st.sampled_from(["en", "ur"]))
def test_the_text_of_an_email_arrives_unchanged(subject: str, words: str, language: str) -> None:
    letter = replace(CODE, subject=subject, words=words, language=language)
    try:
        raw = message_of(letter, SENDER).as_bytes()
    except (ValueError, UnicodeEncodeError):
        assume(False)
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert sorted(set(message.keys())) == sorted(
        ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress",
         "Content-Language", "Content-Type", "MIME-Version"]
    )  # fmt: skip
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    shown = "".join("".join(Seen(part(message, "html")).shown).split())
    assert "".join(words.split()) in shown
    assert "".join(part(message, "plain").split()).startswith("".join(words.split()))
    assert "".join(message["Subject"].split()) == "".join(subject.split())
