"""Tracking numbers are read in any spelling, and a mistyped character is detected."""

import re
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.tracking_number import (
    ALPHABET,
    LOOKALIKES,
    VALUE,
    beginning_of,
    check_character,
    new_number,
    read_number,
)
from tests.builders import NUMBER
from tests.cases import cases

SHAPE = re.compile(r"RB-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]")
SYMBOLS = st.text(ALPHABET, min_size=8, max_size=8)


def number_of(symbols: str) -> str:
    """The tracking number with these 8 symbols."""
    return f"RB-{symbols[:4]}-{symbols[4:]}-{check_character(symbols)}"


NUMBERS = SYMBOLS.map(number_of)
SEEN_AS = {"0": "Oo", "1": "IilL", "V": "Uu"}


def test_new_numbers_have_the_shape_and_are_read_as_they_are() -> None:
    numbers = {new_number() for _ in range(2000)}
    assert len(numbers) == 2000
    for number in numbers:
        assert SHAPE.fullmatch(number)
        assert read_number(number) == number


def test_new_numbers_use_every_symbol_in_every_place() -> None:
    numbers = [new_number() for _ in range(3000)]
    for place in (3, 4, 5, 6, 8, 9, 10, 11, 13):
        assert {number[place] for number in numbers} == set(ALPHABET)


def test_the_alphabet_is_crockford_s() -> None:
    assert len(ALPHABET) == len(VALUE) == 32
    assert not set("ILOU") & set(ALPHABET)


@given(NUMBERS, st.sampled_from(["", "-", " ", "--", " - "]), st.randoms(use_true_random=False))
def test_case_hyphens_spaces_and_lookalikes_do_not_matter(number: str, hyphen: str, chance: Random) -> None:
    typed = "RB"
    for letter in number[2:]:
        seen_as = SEEN_AS.get(letter, letter) + letter + letter.lower()
        typed += hyphen if letter == "-" else chance.choice(seen_as)
    assert read_number(f" {typed}\t") == number
    assert read_number(typed.lower()) == number


@pytest.mark.parametrize(
    "typed",
    [
        "RB-٠٠٠٠-٠٠٠٠-٠",
        "RB-００００-００００-０",
        "RB\u20130000\u20130000\u20130",
        "\u2066RB-0000-0000-0\u2069",
        "RB 0000 0000 0\u202e",
    ],
)
def test_digits_of_any_script_and_unseen_marks_do_not_matter(typed: str) -> None:
    assert read_number(typed) == "RB-0000-0000-0"


@given(NUMBERS, st.integers(0, 8), st.sampled_from(ALPHABET))
def test_every_single_wrong_character_is_noticed(number: str, place: int, other: str) -> None:
    bare = number.replace("-", "")[2:]
    wrong = bare[:place] + other + bare[place + 1 :]
    if wrong != bare:
        assert read_number("RB" + wrong) is None


def test_every_single_typo_of_a_number_is_detected() -> None:
    bare = NUMBER.replace("-", "")
    for place in range(2, len(bare)):
        for other in set(ALPHABET) - {bare[place]}:
            assert read_number(bare[:place] + other + bare[place + 1 :]) is None


@given(SYMBOLS, st.integers(0, 7))
def test_swapped_neighbours_are_detected_except_zero_and_z(symbols: str, place: int) -> None:
    bare = symbols + check_character(symbols)
    swapped = bare[:place] + bare[place + 1] + bare[place] + bare[place + 2 :]
    if swapped != bare and {bare[place], bare[place + 1]} != {"0", "Z"}:
        assert read_number("RB" + swapped) is None


HOSTILE = [
    "",
    " ",
    "RB",
    "RB-",
    "RB-0000-0000",
    "0000-0000-0",
    "RB-0000-0000-00",
    "XX-0000-0000-0",
    "ＲＢ-0000-0000-0",
    "RB-0000-0000-0\x00",
    "RB-0000-0000-0\r\nSet-Cookie: a=b",
    "RB-0000-0000-0%0d%0a",
    "RB-*",
    "RB-0000-0000-0" + " " * 40,
    '{"$gt": ""}',
    "../../admin",
    "A" * 1_000_000,
]


@cases("text", HOSTILE)
def test_hostile_text_is_no_number(text: str) -> None:
    assert read_number(text) is None


@given(st.text(max_size=60))
def test_any_text_is_a_number_of_the_shape_or_none(text: str) -> None:
    read = read_number(text)
    assert read is None or SHAPE.fullmatch(read)


def test_lookalike_letters_are_read_as_digits() -> None:
    assert "ILOU".translate(LOOKALIKES) == "110V"
    assert read_number("rb o000-0oOo-0") == read_number("RB-0000-0000-0") == "RB-0000-0000-0"


@pytest.mark.parametrize(
    ("typed", "beginning"),
    [
        ("rb7f3", "RB-7F3"),
        ("RB-7F3K-9", "RB-7F3K-9"),
        ("7f3k 9", None),
        ("7f3k-9Q2m", "RB-7F3K-9Q2M"),
        ("rb 7f3k 9q2m e", "RB-7F3K-9Q2M-E"),
        ("RB-7F3K-9Q2M-E7", None),
        ("rb-7f", None),
        ("lamp", None),
        ("street 7", None),
        ("7\u0663\u0663", "RB-733"),
        ("پانی", None),
        ("", None),
        ("RB-*", None),
    ],
)
def test_the_beginning_of_a_number_is_known_from_a_word(typed: str, beginning: str | None) -> None:
    assert beginning_of(typed) == beginning


@given(st.text(max_size=60))
def test_any_text_begins_a_number_of_the_shape_or_none(text: str) -> None:
    found = beginning_of(text)
    assert found is None or re.fullmatch(r"RB(-[0-9A-Z]{1,4}){1,3}", found)


def test_every_number_is_found_by_each_of_its_beginnings() -> None:
    number = new_number()
    for length in range(6, len(number) + 1):
        beginning = beginning_of(number[:length])
        assert beginning is not None
        assert number.startswith(beginning)
