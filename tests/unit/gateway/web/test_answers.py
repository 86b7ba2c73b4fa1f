"""Answers survive the way into a form and back, and no typed text makes it fail."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.web.forms.answers import (
    answer_text,
    fields_of,
    fields_of_answers,
    read_answer,
    read_number,
    row_of,
    rows_of,
)
from gateway.web.forms.form import Form
from gateway.web.forms.schema import FormQuestion, Option
from gateway.web.forms.steps import ServiceForm
from gateway.web.forms.writing import WrittenFiling
from gateway.web.words import Translator
from shared.jsonbody import FORBIDDEN_CHARACTERS, parse_object
from tests.cases import cases
from tests.unit.gateway.web.services_forms import FORMS, SAMPLES

ENGLISH, URDU = Translator("en"), Translator("ur")
TITLE = {"en": "Title", "ur": "عنوان"}
LINE = FormQuestion("line", "line", TITLE)
CODE = FormQuestion("code", "line", TITLE, latin=True)
WHOLE = FormQuestion("whole", "number", TITLE, integer=True)
DAY = FormQuestion("day", "date", TITLE)
YES = FormQuestion("yes", "yes", TITLE, options=(Option("yes", True, TITLE), Option("no", False, TITLE)))
ONE = FormQuestion("one", "choice", TITLE, options=(Option("1", 1, {"en": "Just one", "ur": "ایک"}),))
ALL = (LINE, CODE, WHOLE, DAY, YES, ONE)


def a_form(**fields: str) -> Form:
    """A form as it was sent; two underscores stand for a dot."""
    return Form.parse([(f"answers.{name.replace('__', '.')}", value) for name, value in fields.items()])


def through_pages(form: ServiceForm, answers: dict[str, Any]) -> dict[str, Any]:
    """The answers after every page was shown and sent again."""
    before, after = WrittenFiling(form.code, answers=dict(answers)), WrittenFiling(form.code)
    for step in form.steps:
        page = Form()
        before.fill(step, page)
        after.take(step, Form.parse(page.fields))
    return after.answers


@cases("code", SAMPLES)
def test_sample_answers_survive_the_pages(code: str) -> None:
    form, sample = FORMS[code], SAMPLES[code]
    assert through_pages(form, sample["valid"]) == sample["valid"]
    for changed in sample["fails"].values():
        mixed = (sample["valid"] | changed).items()
        answers = {name: value for name, value in mixed if value is not None and not name.startswith("@")}
        assert through_pages(form, answers) == answers


@cases("code", SAMPLES)
def test_sample_answers_are_shown_in_both_languages(code: str) -> None:
    entry, answers = FORMS[code].entry, SAMPLES[code]["valid"]
    for words in (ENGLISH, URDU):
        rows = rows_of(entry, answers, words)
        assert [row.field for row in rows] == [
            f"answers.{name}" for name in entry["form"]["properties"] if name in answers
        ]
        assert all(row.label and row.text for row in rows)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("3", 3),
        ("۱۲", 12),
        ("١٢", 12),
        (" 1,200 ", 1200),
        ("۱٬۲۰۰", 1200),
        ("2.5", 2.5),
        ("۲٫۵", 2.5),
        ("-4", -4),
        ("three", "three"),
        ("3rd", "3rd"),
        ("1e9", "1e9"),
        ("9" * 16, "9" * 16),
        ("--1", "--1"),
    ],
)
def test_numbers_are_read_in_every_notation(text: str, number: object) -> None:
    assert read_number(text.strip()) == number


def test_invisible_characters_and_line_ends_are_normalised() -> None:
    assert read_answer(LINE, a_form(line="\u202eپتہ\u202c\r\nگلی\ufeff ")) == "پتہ\nگلی"
    assert read_answer(LINE, a_form(line=" \u2066 ")) is None


def test_codes_get_latin_digits_and_text_stays() -> None:
    assert read_answer(CODE, a_form(code="HPS-۱۱۸")) == "HPS-118"
    assert read_answer(LINE, a_form(line="گلی ۴")) == "گلی ۴"


@pytest.mark.parametrize(
    ("year", "month", "day", "answer"),
    [
        ("2026", "3", "9", "2026-03-09"),
        ("۲۰۲۶", "۱۲", "۳۱", "2026-12-31"),
        ("", "", "", None),
        ("2026", "", "9", "2026--09"),
        ("26", "March", "9", "26-March-09"),
        ("2026", "1-2", "9", "2026-1 2-09"),
    ],
)
def test_date_is_read_from_three_boxes(year: str, month: str, day: str, answer: str | None) -> None:
    assert read_answer(DAY, a_form(day__year=year, day__month=month, day__day=day)) == answer


def test_date_is_shown_in_words() -> None:
    assert answer_text(DAY, "2026-03-09", ENGLISH) == "9 March 2026"
    assert answer_text(DAY, "2026-02-31", ENGLISH) == "2026-02-31"
    assert answer_text(DAY, "soon", ENGLISH) == "soon"


def test_direction_of_dates_and_codes() -> None:
    day = replace(DAY, latin=True)
    assert (row_of(day, "2026-03-09", URDU).text, row_of(day, "2026-03-09", URDU).latin) == ("9 مارچ 2026", False)
    assert row_of(CODE, "A1", URDU).latin


def test_choice_keeps_its_type_and_unknown_choice_stays_text() -> None:
    assert read_answer(ONE, a_form(one="1")) == 1
    assert read_answer(ONE, a_form(one="2")) == "2"
    assert read_answer(YES, a_form(yes="no")) is False
    assert read_answer(YES, a_form(yes="maybe")) == "maybe"
    assert fields_of(YES, False) == {"answers.yes": "no"}
    assert fields_of(ONE, True) == {"answers.one": "True"}


FIELDS = [question.field for question in ALL] + [f"{DAY.field}.{part}" for part in ("year", "month", "day")]


TYPED = st.text().map(lambda text: FORBIDDEN_CHARACTERS.sub("", text))


@given(st.dictionaries(st.sampled_from(FIELDS), TYPED | st.text("0129-", max_size=4)))
def test_any_typed_text_can_be_read_shown_and_sent(fields: dict[str, str]) -> None:
    form = Form.parse(fields.items())
    answers = {question.name: read_answer(question, form) for question in ALL}
    for question in ALL:
        for words in (ENGLISH, URDU):
            assert isinstance(answer_text(question, answers[question.name], words), str)
    again = Form.parse(fields_of_answers(ALL, answers).items())
    assert {question.name: read_answer(question, again) for question in ALL} == answers
    sent = WrittenFiling("lamp", answers=answers).filing()
    assert parse_object(json.dumps(sent, ensure_ascii=False).encode())["answers"] == sent["answers"]


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(), st.lists))
def test_any_answer_in_a_draft_can_be_shown(answer: Any) -> None:
    for question in ALL:
        assert all(isinstance(value, str) for value in fields_of(question, answer).values())
        assert isinstance(answer_text(question, answer, ENGLISH), str)
