"""Which questions stand on which page: a few short ones together, a long one alone, the place by itself.

Where the answers are kept meanwhile is nothing that a step knows (`writing.py`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from gateway.web.forms.schema import ANSWERS, FormQuestion, questions_of

ROOM = 4
"""About how much fits on a page: a line counts one, a list of answers to choose from two."""
PLACE = "place"
"""The question that asks, by the catalogue's custom, where it is: district and location stand beside it."""
DISTRICT, LATITUDE, LONGITUDE = "place.district", "place.latitude", "place.longitude"
WITHOUT_POINT = "place.without_point"


@dataclass(frozen=True, slots=True)
class FormStep:
    """One page of questions, counted from 1."""

    number: int
    questions: tuple[FormQuestion, ...]
    district: bool = False
    location: bool = False

    @property
    def fields(self) -> frozenset[str]:
        """The names that its errors have."""
        place = ({DISTRICT, "place.address"} if self.district else set()) | (
            {LATITUDE, LONGITUDE} if self.location else set()
        )
        return frozenset({question.field for question in self.questions} | place)

    @property
    def alone(self) -> FormQuestion | None:
        """The question that is the whole page."""
        return self.questions[0] if len(self.questions) == 1 and not self.district else None


@dataclass(frozen=True, slots=True)
class ServiceForm:
    """A service as it is asked for: its catalogue entry, its questions, and the pages they stand on."""

    entry: Mapping[str, Any]
    questions: tuple[FormQuestion, ...]
    steps: tuple[FormStep, ...]

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> "ServiceForm":
        """The form of a catalogue entry, as the API shows it."""
        questions = questions_of(entry)
        return cls(entry, questions, tuple(steps_of(questions)))

    @property
    def code(self) -> str:
        """The service's code."""
        code: str = self.entry["code"]
        return code

    @property
    def complaint(self) -> bool:
        """Whether it is a complaint and not an application."""
        return bool(self.entry["kind"] == "complaint")

    @property
    def most_files(self) -> int:
        """How many files may go with it."""
        most: int = self.entry["attachments"]["most"]
        return most

    @property
    def documents(self) -> Sequence[Mapping[str, Any]]:
        """The documents of its charter that are sent along."""
        return documents_of(self.entry)

    @property
    def pages(self) -> int:
        """How many pages there are to file: the questions, the files, and the answers to check."""
        return len(self.steps) + (1 if self.most_files else 0) + 1

    @property
    def pages_unnamed(self) -> int:
        """The same for somebody who files without a name, and adds files afterwards."""
        return len(self.steps) + 1

    def step(self, number: int) -> FormStep | None:
        """A page by its number."""
        return self.steps[number - 1] if 1 <= number <= len(self.steps) else None

    def step_of(self, field: str) -> FormStep | None:
        """The page on which a field stands."""
        return next((step for step in self.steps if field in step.fields), None)

    def question(self, field: str) -> FormQuestion | None:
        """The question of a field, or of what stands in its answer."""
        name = field.removeprefix(ANSWERS).partition(".")[0]
        return next((question for question in self.questions if question.name == name), None)


def documents_of(entry: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The documents that a service wants to have; those without a code are only told about."""
    return [document for document in entry["charter"]["documents"] if document.get("code")]


def steps_of(questions: Sequence[FormQuestion]) -> list[FormStep]:
    """The pages of a form."""
    place = any(question.name == PLACE for question in questions)
    groups = list(_grouped(questions, 0 if place else 1))
    return [
        FormStep(
            number,
            tuple(group),
            district=_has_place(group) if place else number == 1,
            location=_has_place(group),
        )
        for number, group in enumerate(groups, 1)
    ]


def _grouped(questions: Iterable[FormQuestion], taken: int) -> Iterable[list[FormQuestion]]:
    """The questions in their order; `taken` is what else stands on the first page."""
    for long, run in groupby(questions, _needs_a_page):
        if not long:
            yield from _shared_out(list(run), taken)
        else:
            yield from ([[]] if taken else []) + [[question] for question in run]
        taken = 0
    if taken:
        yield []


def _shared_out(questions: Sequence[FormQuestion], taken: int) -> list[list[FormQuestion]]:
    """Short questions on as few pages as have room for them, about the same on each."""
    whole = taken + sum(_size(question) for question in questions)
    room = whole / max(1, round(whole / ROOM))
    pages: dict[int, list[FormQuestion]] = {}
    for question in questions:
        size = _size(question)
        pages.setdefault(int((taken + size / 2) / room), []).append(question)
        taken += size
    return list(pages.values())


def _needs_a_page(question: FormQuestion) -> bool:
    return question.kind == "text" or question.name == PLACE


def _size(question: FormQuestion) -> int:
    return 2 if question.kind == "choice" else 1


def _has_place(group: Sequence[FormQuestion]) -> bool:
    return any(question.name == PLACE for question in group)
