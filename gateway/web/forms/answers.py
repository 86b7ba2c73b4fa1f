"""Answers: from what was typed to JSON, back again, and as people read them.

Nothing is refused here. What cannot be read as the question asks for stays as it was typed, and the service says what
is wrong with it.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from babel.dates import format_date

from gateway.web.forms.form import Form
from gateway.web.forms.schema import Answer, FormQuestion
from gateway.web.words import Translator
from shared.spelling import code_of, number_of

DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
PARTS = ("year", "month", "day")


def read(question: FormQuestion, form: Form) -> Answer | None:
    """The answer in a form as JSON; None where there is none."""
    if question.kind == "date":
        return _read_date([code_of(form.value(f"{question.field}.{part}")) for part in PARTS])
    typed = form.value(question.field)
    if not typed:
        return None
    if question.options:
        return next((option.answer for option in question.options if option.value == typed), typed)
    if question.kind == "number":
        return read_number(typed)
    return code_of(typed) if question.latin else typed


def read_number(typed: str) -> int | float | str:
    """A number in the digits of any script; else the text itself."""
    number = number_of(typed)
    return typed if number is None else number


def _read_date(typed: list[str]) -> str | None:
    """A date as 2026-03-09; what is no number stays, so that it can be shown again."""
    year, month, day = (part.replace("-", " ").strip() for part in typed)
    if not (year or month or day):
        return None
    return f"{year}-{month.zfill(2) if month else ''}-{day.zfill(2) if day else ''}"


def typed(question: FormQuestion, answer: Any) -> dict[str, str]:
    """The fields that hold an answer: what one would have typed for it."""
    if answer is None:
        return {}
    if question.kind == "date":
        year, month, day = f"{answer}--".split("-")[:3]
        short = [year, *(part.removeprefix("0") if len(part) == 2 else part for part in (month, day))]
        return {f"{question.field}.{name}": part for name, part in zip(PARTS, short, strict=True)}
    for option in question.options:
        if type(option.answer) is type(answer) and option.answer == answer:
            return {question.field: option.value}
    if isinstance(answer, float) and answer.is_integer():
        return {question.field: str(int(answer))}
    return {question.field: str(answer)}


def shown(question: FormQuestion, answer: Any, words: Translator) -> str:
    """An answer as people read it, in the language of the page; nothing where there is none."""
    if answer is None:
        return ""
    if isinstance(answer, bool):
        return words.say("Yes") if answer else words.say("No")
    for option in question.options:
        if option.answer == answer:
            return words.own(option.label)
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


def filled_in(questions: tuple[FormQuestion, ...], answers: Mapping[str, Any]) -> dict[str, str]:
    """The fields of all that was answered."""
    fields: dict[str, str] = {}
    for question in questions:
        fields |= typed(question, answers.get(question.name))
    return fields
