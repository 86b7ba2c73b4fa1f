"""Phones make no links of web addresses in messages, and no word is lost; other text is unchanged."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.models.message import MessageSpec, Sealed
from services.notifier.writing.templates import clean, defused, render
from shared.seal import SealPurpose
from tests.builders import KEYS, NUMBER
from tests.cases import cases

STAYS = (
    "complaints@kp.gov.pk", "first.last+tag@mail.example.com", "dc.peshawar@kp.gov.pk,", "(a@b.pk)",
    "No. SO/2025/114", "P.S.O.", "e.g.", "i.e.", "a.m.", "Ph.D", "Rs.500/-", "Rs.1,200.50",
    "0300.1234567", "+92-91-9210000", "091-9212345", "12.11.2025", "5.30", "v2.3.1", "v1.2.3.4", "3.10.4", "10/2025",
    "PK36SCBL0000001123456702", "35202-1234567-1", "مکمل ہے۔شکریہ", "ہو گئی۔آپ", "می\u200cخواہم",
    "a/b", "and/or", "@name", "50%", "C&W", "…", "(Tech.)", "16:30", "24x7",
)  # fmt: skip
LINKS = (
    "https://evil.example/login", "HTTP://EVIL.EXAMPLE", "http://evil", "ftp://evil", "www.evil", "WWW.EVIL.ZZ",
    "evil.com", "Evil.Pk", "EVIL.PK", "pay.evil.com/x?y=z", "bit.ly/abc", "t.co", "kp.gov.pk", "evil.online:80",
    "evil.com-x", "evil.com_x", "evil.پاکستان", "evil.xn--mgbai9azgqp6j", "گھر.pk", "evil\u200c.com", "evil．com",
    "@evil.com", "http://a@evil.com", "1.2.3.4", "10.0.0.1/login", "(evil.com)", "evil.com.", "file.zip",
    "rabta.No/pay", "kohat.Sc", "no.com", "pay.no.com/x", "No.SO/2025", "Dr.Khan", "report.pdf",
)  # fmt: skip
# As phones look for them (Android's Patterns.WEB_URL): a scheme, `www.`, four octets, or a name and an ending.
EMAIL = re.compile(r"(?<![\w.%+-])[\w%+-]+(\.[\w%+-]+)*@[\w-]+(\.[\w-]+)*\.[^\W\d_]{2,}(?!\w)")
SCHEME = re.compile(r"[a-z0-9]://\S", re.IGNORECASE)
MACHINE = re.compile(r"(?<!\w)www\.\w|(?<![\w-])(?<!\d\.)[0-9]{1,3}(\.[0-9]{1,3}){3}(?!\d|\.\d)", re.IGNORECASE)
DOT = re.compile(r"[.．。｡]")
NAME = re.compile("\\w[\\w\u200c\u200d-]*$")
ENDING = re.compile(r"xn--|[^\W\d_]{2}", re.IGNORECASE)
SIGN = st.characters(exclude_categories=["Cs"])
SIGNS = st.text(st.sampled_from("aeilvE.co:/@w-_ 12\u200cپ۔ＣOm?#") | SIGN, max_size=12)
PIECES = st.lists(st.sampled_from([*LINKS, *STAYS, "No", "com", "www.", "://", "@"]) | SIGNS, max_size=8)


def can_be_tapped(text: str) -> bool:
    """Whether a phone would make a link of a part of the text."""
    plain = EMAIL.sub(" ", text)
    return bool(SCHEME.search(text) or MACHINE.search(plain)) or any(
        is_address(plain[: dot.start()], plain[dot.end() :]) for dot in DOT.finditer(plain)
    )


def is_address(before: str, after: str) -> bool:
    """Whether a dot between these could make an address."""
    return bool(NAME.search(before) and ENDING.match(after))


@cases("written", STAYS)
def test_text_without_a_web_address_is_unchanged(written: str) -> None:
    assert defused(written) == written
    assert clean(f"See {written} please") == f"See {written} please"


@cases("written", LINKS)
def test_a_web_address_is_readable_but_not_a_link(written: str) -> None:
    assert can_be_tapped(written)
    assert not can_be_tapped(defused(written))
    assert defused(written).replace(" ", "") == written


@given(PIECES, st.sampled_from([" ", "", ", ", "\n"]))
def test_no_link_stays_and_no_word_is_lost(pieces: list[str], between: str) -> None:
    text = between.join(pieces)
    told = defused(text)
    assert not can_be_tapped(told)
    assert told.replace(" ", "") == text.replace(" ", "")
    assert defused(told) == told


@given(st.lists(st.sampled_from(STAYS), max_size=10))
def test_nothing_but_links_is_changed(pieces: list[str]) -> None:
    assert defused(" ".join(pieces)) == " ".join(pieces)


@given(st.integers(0, 600), st.sampled_from(["Dr.Khanewal ", "Ref.Common ", "www", "see evil.company "]))
def test_a_shortened_text_does_not_end_in_a_link(length: int, written: str) -> None:
    note = Sealed(
        KEYS.seal("x" * length + " " + written * 80, SealPurpose.REQUEST_NOTE, owner=NUMBER),
        SealPurpose.REQUEST_NOTE,
        NUMBER,
    )
    assert not can_be_tapped(
        render(MessageSpec("c", "request.progressed", {"number": NUMBER, "note": note}), "en", KEYS)
    )


@pytest.mark.parametrize("text", ["a" * 60_000, "a." * 30_000, "a@" * 30_000, "1." * 30_000, "www." * 15_000])
def test_any_text_is_processed_fast(text: str) -> None:
    assert defused(text).replace(" ", "") == text
