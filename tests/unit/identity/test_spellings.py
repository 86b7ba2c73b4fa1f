"""Normalisation of names, numbers and addresses."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.identity.accounts.models.spellings import clean_text, mask_cnic, read_cnic, read_name
from shared.addresses import read_code, read_email, read_mobile

URDU, ARABIC, LATIN = "۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩", "0123456789"
DEVANAGARI, WIDE = "०१२३४५६७८९", "０１２３４５６７８９"
digits = st.sampled_from([URDU, ARABIC, LATIN, DEVANAGARI, WIDE])
gaps = st.sampled_from(
    [
        "",
        " ",
        "-",
        "–",
        "\u00a0",
        " - ",
        "\u202f",
        "\u2212",
        "\u0640",
        "\u200f",
        "-\u200e",
        "\u00ad",
        "\u2069\u2066",
        "\n",
    ]
)
cnics = st.from_regex(r"[1-9][0-9]{12}", fullmatch=True)
subscribers = st.from_regex(r"3[0-9]{9}", fullmatch=True)
prefixes = st.sampled_from(["+92", "0092", "92", "0", ""])


def spelled(number: str, script: str) -> str:
    """The number in digits of another script."""
    return number.translate(str.maketrans(LATIN, script))


@given(cnics, digits, gaps)
def test_cnic_is_read_in_every_spelling(number: str, script: str, gap: str) -> None:
    text = gap.join((number[:5], number[5:12], number[12:]))
    assert read_cnic(spelled(text, script)) == number


@given(subscribers, prefixes, digits, gaps)
def test_mobile_is_read_in_every_spelling(number: str, prefix: str, script: str, gap: str) -> None:
    text = gap.join((prefix, number[:3], number[3:]))
    assert read_mobile(spelled(text, script)) == f"+92{number}"


@given(st.text(max_size=40))
def test_every_read_value_is_in_normal_form(text: str) -> None:
    cnic, mobile, email, code, name = (
        read(text) for read in (read_cnic, read_mobile, read_email, read_code, read_name)
    )
    assert cnic is None or re.fullmatch("[1-9][0-9]{12}", cnic)
    assert mobile is None or re.fullmatch(r"\+923[0-9]{9}", mobile)
    assert email is None or (email.count("@") == 1 and email.isascii())
    assert code is None or re.fullmatch("[0-9]{6}", code)
    assert name is None or read_name(name) == name
    assert not re.search("[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]", clean_text(text))


@pytest.mark.parametrize(
    "text",
    ["", "352021234567", "35202123456712", "0000000000000", "0520212345671",
     "³520212345671", "35202_1234567_1", "35202-1234567-x", "{'$gt': ''}"],
)  # fmt: skip
def test_invalid_cnic(text: str) -> None:
    assert read_cnic(text) is None


@pytest.mark.parametrize(
    "text",
    ["", "+12025550123", "0213 4567890", "0300123456", "030012345678", 
     "+92 21 34567890", "++923001234567", "0900 78601", "tel:03001234567", "0300123456a"],
)  # fmt: skip
def test_invalid_mobile(text: str) -> None:
    assert read_mobile(text) is None


@pytest.mark.parametrize(
    "card", ["82203-1234567-3", "81302-1234567-4", "71501-1234567-1", "61101-1234567-2", "35202-1234567-0"]
)  # fmt: skip
def test_every_province_and_region_has_citizens(card: str) -> None:
    """Azad Kashmir begins with 8, Gilgit-Baltistan with 7, Islamabad with 6; a woman's number may end in 0."""
    assert read_cnic(card) == card.replace("-", "")


@pytest.mark.parametrize("mobile", ["0355 1234567", "0360 1234567", "0338 1234567", "0390 1234567", "0325 1234567"])
def test_a_mobile_of_any_operator_is_one(mobile: str) -> None:
    assert read_mobile(mobile) == f"+92{mobile.replace(' ', '')[1:]}"


def test_brackets_and_a_needless_zero_are_forgiven() -> None:
    assert read_mobile("+92 (0)300 1234567") == "+923001234567"
    assert read_mobile("(0300) 123.4567") == "+923001234567"


@pytest.mark.parametrize("text", ["a@b.pk", "ayesha.khan+rabta@mail.Example.COM", " a@b.co "])
def test_valid_email(text: str) -> None:
    email = read_email(text)
    assert email is not None
    assert email.rpartition("@")[2] == email.rpartition("@")[2].lower()


@pytest.mark.parametrize(
    "text", ["a", "a@b", "a b@c.pk", "a@b.pk\r\nBcc: x@y.pk", "a@@b.pk", ".a@b.pk", "a@-b.pk"]
)  # fmt: skip
def test_invalid_email(text: str) -> None:
    assert read_email(text) is None


def test_an_email_is_bounded() -> None:
    assert read_email("a" * 64 + "@b.pk")
    assert read_email("a" * 65 + "@b.pk") is None
    assert read_email("a@" + "b." * 130 + "pk") is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("  Ayesha   Khan ", "Ayesha Khan"),
        ("M. Ali", "M. Ali"),
        ("M.Ali", "M.Ali"),
        ("عائشہ خان", "عائشہ خان"),
        ("D'Souza-Khan", "D'Souza-Khan"),
        ("Ayesha\r\nKhan\u202e", "Ayesha Khan"),
        ("می\u200cخواہم", "می\u200cخواہم"),
        ("Gul Meenaگل", "Gul Meenaگل"),
    ],
)
def test_valid_name(text: str, name: str) -> None:
    assert read_name(text) == name


@pytest.mark.parametrize(
    "text",
    ["", "A", "12", "https://x.example", "www.example", "Win at lottery.com", "prize.pk now", "<b>Ali</b>", "{{7*7}}",
     "${x}", "=cmd|x", "Your code is 123456", "code ۱۲۳۴۵۶", "x" * 101, "%s %s", "a@b.pk",
     "Gul M\u0435\u0435na", "G\u03c5l"],
)  # fmt: skip
def test_invalid_name(text: str) -> None:
    assert read_name(text) is None


def test_a_masked_cnic_shows_three_digits() -> None:
    assert mask_cnic("3520212345671") == "*****-*****67-1"
