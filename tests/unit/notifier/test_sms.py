"""The length of texts in SMS, and how they are shortened."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.writing.sms import DOUBLE, GSM, alphabet, parts, plainly
from tests.cases import cases

ANY = st.text(st.one_of(st.sampled_from(sorted(GSM)), st.sampled_from("‘“–… اب😀`"), st.characters()), max_size=300)


@cases(
    "text, count",
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("a" * 459, 3),
        ("a" * 460, 4),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("ا" * 70, 1),
        ("ا" * 71, 2),
        ("ا" * 134, 2),
        ("ا" * 201, 3),
        ("ا" * 202, 4),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("a" * 69 + "…", 1),
        ("a" * 70 + "…", 2),
        ("a" * 152 + "€" + "a" * 152, 3),  # the euro is not split
        ("ا" * 66 + "😀" + "ا" * 66, 3),
    ],
)
def test_known_numbers_of_parts(text: str, count: int) -> None:
    assert parts(text) == count


@given(ANY)
def test_the_number_of_parts_matches_splitting_the_text(text: str) -> None:
    plain = GSM.issuperset(text)
    sizes = [1 + (one in DOUBLE) if plain else len(one.encode("utf-16-be", "surrogatepass")) // 2 for one in text]
    single, each = (160, 153) if plain else (70, 67)
    cut = [0]
    for size in sizes:
        if cut[-1] + size > each:
            cut.append(0)
        cut[-1] += size
    assert parts(text) == (1 if sum(sizes) <= single else len(cut))
    assert alphabet(text) == ("GSM-7" if plain else "UCS-2")


@given(ANY)
def test_plain_characters_never_take_more_parts(text: str) -> None:
    written = plainly(text)
    assert parts(written) <= parts(text)
    assert written == text or (GSM.issuperset(written) and not GSM.issuperset(text))


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("It’s “done” – see p. 3…", 'It\'s "done" - see p. 3...'),
        ("12\u00a0km \u2009ahead\u200b", "12 km  ahead"),
        ("`code`", "'code'"),
        ("کام “ہو گیا”…", "کام “ہو گیا”…"),
        ("“naïve”", "“naïve”"),  # the ï needs UCS-2 in any case
        ("plain", "plain"),
    ],
)
def test_characters_are_replaced_only_if_that_changes_the_alphabet(text: str, plain: str) -> None:
    assert plainly(text) == plain
