"""The guard of published words: how much it finds on labelled lines, and what is left of a text."""

from services.requests.publishing.guard import HARD, find_personal, redact
from tests.cases import cases
from tools.guard import HELD_OUT, read_lines, score

RECALL, PRECISION = 0.97, 0.93
LINES = read_lines()


def test_it_finds_nearly_everything_on_three_hundred_lines_and_marks_little_else() -> None:
    assert len(LINES) >= 300
    result = score(LINES)
    assert result.recall >= RECALL, result.mistakes
    assert result.precision >= PRECISION, result.mistakes
    assert score(line for line in LINES if line.part == HELD_OUT).recall >= RECALL


def test_no_number_of_a_person_is_missed_in_any_language() -> None:
    result = score(LINES)
    assert {kind: result.labels[kind] - result.found[kind] for kind in HARD} == dict.fromkeys(HARD, 0)


@cases(
    "text, language, expected",
    [
        ("Call Mr Ahmad Khan, 0300-1234567.", "en", "Call Mr [name], [phone]."),
        ("جناب احمد خان کا فون ۰۳۰۰۱۲۳۴۵۶۷ ہے۔", "ur", "جناب [نام] کا فون [فون] ہے۔"),
        ("The light is out.", "en", "The light is out."),
        ("", "en", ""),
    ],
)
def test_a_placeholder_stands_for_personal_data(text: str, language: str, expected: str) -> None:
    assert redact(text, find_personal(text), language) == expected


@cases(
    "text",
    ["0300‏1234567", "۰۳۰۰-١٢٣٤٥٦٧", "0300.123.4567", "(0300) 1234567", "+92-300-1234567", "０３００１２３４５６７"],
)
def test_a_phone_number_is_found_in_any_spelling(text: str) -> None:
    assert redact(text, find_personal(text), "en").strip("() ") == "[phone]"


def test_a_redacted_text_has_nothing_left_to_find() -> None:
    for line in LINES:
        once = redact(line.text, find_personal(line.text), "en")
        left = [mark for mark in find_personal(once) if mark.kind in HARD]
        assert left == [], once


@cases("start, again", [("car", " "), ("house", " "), ("", "a"), ("", "AB-12-"), ("", "son of "), ("گاڑی نمبر", " ")])
def test_no_text_keeps_the_guard_busy(start: str, again: str) -> None:
    text = start + again * 20_000  # a rule that reads a text anew from each place of it would take hours
    assert redact(text, find_personal(text), "en")
