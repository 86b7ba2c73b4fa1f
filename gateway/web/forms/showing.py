"""Answers with their questions, as people read them: before sending, at the department, and ever after."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.web.forms.answers import shown
from gateway.web.forms.schema import FormQuestion, questions_of
from gateway.web.words import Translator


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """A question and its answer. `text` is empty where nothing was answered; `field` is the name of its field."""

    field: str
    label: str
    text: str
    long: bool = False
    latin: bool = False


def rows_of(entry: Mapping[str, Any], answers: Mapping[str, Any], words: Translator) -> list[AnswerRow]:
    """What was answered, in the order of the form; answers that the form does not know come last, as they are."""
    questions = questions_of(entry)
    known = {question.name for question in questions}
    rows = [row_of(question, answers.get(question.name), words) for question in questions]
    strange = [(name, answer) for name, answer in answers.items() if name not in known]
    return [row for row in rows if row.text] + [AnswerRow(name, name, str(answer)) for name, answer in strange]


def row_of(question: FormQuestion, answer: Any, words: Translator) -> AnswerRow:
    """One question and its answer, which may be none."""
    return AnswerRow(
        question.field,
        words.own(question.title),
        shown(question, answer, words),
        long=question.kind == "text",
        latin=question.latin and question.kind != "date",
    )
