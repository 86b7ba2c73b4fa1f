"""Codes are read from any keyboard, script or clipboard; texts stay unchanged."""

from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field, ValidationError

from shared.spelling import AS_CODE, AS_TEXT, bare, code_of, has_letter_or_digit, number_of, text_of

TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
CLOSING = {"\u202a": "\u202c", "\u202b": "\u202c", "\u2066": "\u2069", "\u2067": "\u2069", "\u2068": "\u2069"}
ANY_SIGN = st.characters(exclude_categories=["Cs"])
ANY = st.text(ANY_SIGN | st.sampled_from(TURNING + "\u200b\u200c\ufeff۱१１ -\r\n"))
PRINTED = st.text(st.characters(min_codepoint=32, max_codepoint=126)).map(str.strip)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("\u2066+92 300 7654321\u2069", "+92 300 7654321"),
        ("\u202a0300-7654321\u202c", "0300-7654321"),
        ("۱۲ ۳۴۵۶۷ ۸۹۰۱۲۳۴", "12 34567 8901234"),
        ("۲۰۲۶-۰۹", "2026-09"),
        ("٢٠٢٦\u201309", "2026-09"),
        ("२०२६\u221209", "2026-09"),
        ("１２３４５６", "123456"),
        ("123\u00a0456", "123 456"),
        ("\ufeff12\u00ad34\u200b56\u200f", "123456"),
        ("  123456\n", "123456"),
        ("RB-7F3K", "RB-7F3K"),
    ],
)
def test_a_code_is_read_as_ascii(typed: str, code: str) -> None:
    assert code_of(typed) == code


def test_the_parts_of_a_code_may_be_kept_apart() -> None:
    assert bare("۱۲ ۳۴۵۶۷\u2013۸۹۰۱۲۳۴") == "12345678901234"


@pytest.mark.parametrize(
    ("typed", "number"),
    [("۱۲", 12), ("1,200", 1200), ("۱٬۲۰۰", 1200), ("२٫५", 2.5), ("\u22124", -4), ("three", None), ("", None)],
)
def test_a_number_is_read_in_any_digits(typed: str, number: float | None) -> None:
    assert number_of(typed) == number


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("  a lamp \n", "a lamp"),
        ("می\u200cخواہم", "می\u200cخواہم"),
        ("نمبر ۱۲ پر کال کریں", "نمبر ۱۲ پر کال کریں"),
        ("فون \u2066+92 300 7654321\u2069 ہے", "فون \u2066+92 300 7654321\u2069 ہے"),
        ("open \u2066and never closed", "open and never closed"),
        ("closed\u2069 and never opened\u202c", "closed and never opened"),
        ("\u2066a \u202ab\u2069 c\u202c", "\u2066a b\u2069 c"),
        ("gnp.\u202egpj.exe\u202c", "gnp.gpj.exe"),
        ("one\r\ntwo\vthree\u2028four", "one\ntwo\nthree\nfour"),
        ("a\u200bb\ufeffc\u00add", "abcd"),
        ("سنہ \u0601۲۰۲۶", "سنہ \u0601۲۰۲۶"),
        ("👩\u200d👧", "👩\u200d👧"),
    ],
)
def test_only_invisible_characters_are_removed_from_a_text(written: str, text: str) -> None:
    assert text_of(written) == text


@given(ANY)
def test_normalising_twice_changes_nothing_and_never_lengthens(text: str) -> None:
    for read in (code_of, text_of):
        once = read(text)
        assert read(once) == once
        assert len(once) <= len(text)


@given(PRINTED)
def test_plain_text_is_unchanged(text: str) -> None:
    assert code_of(text) == text_of(text) == text


@given(ANY)
def test_every_mark_of_direction_in_a_text_is_closed_in_it(text: str) -> None:
    wanted: list[str] = []
    for sign in text_of(text):
        if sign in CLOSING:
            wanted.append(CLOSING[sign])
        elif sign in TURNING:
            assert wanted.pop() == sign
    assert not wanted


@given(ANY)
def test_a_text_loses_nothing_that_can_be_read(text: str) -> None:
    assert [sign for sign in text_of(text) if has_letter_or_digit(sign)] == [s for s in text if has_letter_or_digit(s)]


@pytest.mark.parametrize("part", ["a", "۵", "Ⅳ", "ب", "क", "猫"])
def test_text_with_a_letter_or_digit_is_accepted(part: str) -> None:
    assert has_letter_or_digit(f"... {part} !")


@pytest.mark.parametrize("part", ["", " ", "...", "!?", "\u0301\u0301", "\u200c\u200d", "\u3164\u3164", "👍"])
def test_text_of_marks_alone_is_refused(part: str) -> None:
    assert not has_letter_or_digit(part)


class Both(BaseModel):
    """A text and a code."""

    text: Annotated[str, Field(min_length=3, max_length=5), AS_TEXT] = "abc"
    code: Annotated[str, Field(pattern="^[0-9]{4}$"), AS_CODE] = "1234"


def test_model_gets_the_normal_form() -> None:
    read = Both(text="  abcde  ", code="\u2066۱۲۳۴\u2069")
    assert (read.text, read.code) == ("abcde", "1234")


@pytest.mark.parametrize(
    ("text", "kind"), [("     ", "words_needed"), ("....", "words_needed"), ("  ab ", "string_too_short")]
)
def test_text_without_letters_or_digits_is_refused_by_its_pointer(text: str, kind: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Both(text=text)
    assert [(error["loc"], error["type"]) for error in caught.value.errors()] == [(("text",), kind)]


def test_text_stored_by_an_earlier_version_is_read_unchanged() -> None:
    assert Both.model_validate({"text": " - -"}, context={"kept": True}).text == " - -"
