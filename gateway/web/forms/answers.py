"""Answers: from typed text to JSON, back into the fields of a form, and as text for people.

Nothing is rejected here. Text that does not fit the question stays as it was typed, and the service says what is wrong.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from babel.dates import format_date

from gateway.web.forms.form import Form
from gateway.web.forms.schema import Answer, FormQuestion, questions_of
from gateway.web.words import Translator
from shared.spelling import code_of, number_of

DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
PARTS = ("year", "month", "day")


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """A question and its answer for people. `text` is empty without an answer; `field` is the name of the field."""

    field: str
    label: str
    text: str
    long: bool = False
    latin: bool = False


def read_answer(question: FormQuestion, form: Form) -> Answer | None:
    """The answer in a form as JSON; None if there is none."""
    if question.kind == "date":
        return read_date(form, question.field)
    typed = form.value(question.field)
    if not typed:
        return None
    if question.options:
        return next((option.answer for option in question.options if option.value == typed), typed)
    if question.kind == "number":
        return read_number(typed)
    return code_of(typed) if question.latin else typed


def read_number(typed: str) -> int | float | str:
    """A number in the digits of any script, or else the text itself."""
    number = number_of(typed)
    return typed if number is None else number


def read_date(form: Form, field: str) -> str | None:
    """A date as 2026-03-09; anything that is not a number stays, so that it can be shown again."""
    typed = (code_of(form.value(f"{field}.{part}")) for part in PARTS)
    year, month, day = (part.replace("-", " ").strip() for part in typed)
    if not (year or month or day):
        return None
    return f"{year}-{month.zfill(2) if month else ''}-{day.zfill(2) if day else ''}"


def fields_of(question: FormQuestion, answer: Any) -> dict[str, str]:
    """The fields of a form that give this answer."""
    if answer is None:
        return {}
    if question.kind == "date":
        return date_fields(question.field, answer)
    for option in question.options:
        if type(option.answer) is type(answer) and option.answer == answer:
            return {question.field: option.value}
    if isinstance(answer, float) and answer.is_integer():
        return {question.field: str(int(answer))}
    return {question.field: str(answer)}


def date_fields(field: str, date: str) -> dict[str, str]:
    """The three boxes that give this date; empty ones if there is none."""
    year, month, day = f"{date}--".split("-")[:3]
    short = [year, *(part.removeprefix("0") if len(part) == 2 else part for part in (month, day))]
    return {f"{field}.{name}": part for name, part in zip(PARTS, short, strict=True)}


def fields_of_answers(questions: tuple[FormQuestion, ...], answers: Mapping[str, Any]) -> dict[str, str]:
    """The fields of a form that give these answers."""
    fields: dict[str, str] = {}
    for question in questions:
        fields |= fields_of(question, answers.get(question.name))
    return fields


def answer_text(question: FormQuestion, answer: Any, words: Translator) -> str:
    """An answer for people, in the language of the page; empty if there is none."""
    if answer is None:
        return ""
    if isinstance(answer, bool):
        return words.say("Yes") if answer else words.say("No")
    for option in question.options:
        if option.answer == answer:
            return words.localised(option.label)
    if isinstance(answer, int | float):
        return f"{answer:,}"
    found = DATE.fullmatch(str(answer)) if question.kind == "date" else None
    return _day(found, words) or str(answer)


def _day(found: re.Match[str] | None, words: Translator) -> str:
    if found is None:
        return ""
    try:
        day = date(*(int(part) for part in found.groups()))
    except ValueError:
        return ""
    return format_date(day, "d MMMM yyyy", locale=words.language)


def rows_of(entry: Mapping[str, Any], answers: Mapping[str, Any], words: Translator) -> list[AnswerRow]:
    """All answers in the order of the form; answers that the form does not know come last, unchanged."""
    questions = questions_of(entry)
    known = {question.name for question in questions}
    rows = [row_of(question, answers.get(question.name), words) for question in questions]
    unknown = [(name, answer) for name, answer in answers.items() if name not in known]
    return [row for row in rows if row.text] + [AnswerRow(name, name, str(answer)) for name, answer in unknown]


def row_of(question: FormQuestion, answer: Any, words: Translator) -> AnswerRow:
    """One question and its answer, which may be None."""
    return AnswerRow(
        question.field,
        words.localised(question.title),
        answer_text(question, answer, words),
        long=question.kind == "text",
        latin=question.latin and question.kind != "date",
    )
