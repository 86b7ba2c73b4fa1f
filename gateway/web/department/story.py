"""What a citizen said: the words first, then the other answers with their questions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.web.forms.answers import answer_text
from gateway.web.forms.schema import FormQuestion, questions_of
from gateway.web.forms.steps import documents_of
from gateway.web.words import Translator

Texts = Mapping[str, str]
GROUNDS = "grounds"
"""The one answer of an appeal, which no catalogue has a form for."""


@dataclass(frozen=True, slots=True)
class Story:
    """A request in words: `said` are the long answers in the citizen's own words, `answers` all others."""

    request: Mapping[str, Any]
    service: Texts
    said: list[tuple[str, str]]
    answers: list[tuple[str, str]]
    documents: Mapping[str, Texts]
    """What the documents are called that the service asks for, by their codes."""


def story_of(request: Mapping[str, Any], entry: Mapping[str, Any], words: Translator) -> Story:
    """The answers of a request in the order of its service's form; nothing that was answered is left out."""
    answers = dict(request["answers"])
    said = [("", str(answers.pop(GROUNDS)))] if request["kind"] == "appeal" and GROUNDS in answers else []
    rows: list[tuple[str, str]] = []
    for question in questions_of(entry):
        text = answer_text(question, answers.pop(question.name, None), words)
        if text:
            (said if is_said(question) else rows).append((words.localised(question.title), text))
    rows += [(name, str(answer)) for name, answer in answers.items()]
    documents = {document["code"]: document for document in documents_of(entry)}
    return Story(request, entry["name"], said, rows, documents)


def is_said(question: FormQuestion) -> bool:
    """Whether the answer is a text of several lines."""
    return question.kind == "text"
