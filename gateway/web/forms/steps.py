"""The pages of a form: a few short questions together, a long question and the place on a page of their own."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from gateway.web.forms.schema import ANSWERS, FormQuestion, questions_of

PAGE_SIZE = 4
"""About how much fits on a page: a question counts one, or two with several answers to choose from."""
PLACE = "place"
"""The question about the place, by convention of the catalogue; its page also asks for district and location."""
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
        """The fields whose errors belong to this page."""
        place = ({DISTRICT, "place.address"} if self.district else set()) | (
            {LATITUDE, LONGITUDE} if self.location else set()
        )
        return frozenset({question.field for question in self.questions} | place)

    @property
    def only_question(self) -> FormQuestion | None:
        """The question, if the page has nothing else."""
        return self.questions[0] if len(self.questions) == 1 and not self.district else None


@dataclass(frozen=True, slots=True)
class ServiceForm:
    """The form of a service: its catalogue entry, its questions, and their pages."""

    entry: Mapping[str, Any]
    questions: tuple[FormQuestion, ...]
    steps: tuple[FormStep, ...]

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> "ServiceForm":
        """The form of a catalogue entry."""
        questions = questions_of(entry)
        return cls(entry, questions, tuple(steps_of(questions)))

    @property
    def code(self) -> str:
        """The service's code."""
        code: str = self.entry["code"]
        return code

    @property
    def complaint(self) -> bool:
        """Whether the service takes complaints, not applications."""
        return bool(self.entry["kind"] == "complaint")

    @property
    def max_files(self) -> int:
        """How many files a filing may have."""
        limit: int = self.entry["attachments"]["most"]
        return limit

    @property
    def documents(self) -> Sequence[Mapping[str, Any]]:
        """The documents that are sent with a filing."""
        return documents_of(self.entry)

    @property
    def pages(self) -> int:
        """The number of pages: the questions, the files, and the check of all answers."""
        return len(self.steps) + (1 if self.max_files else 0) + 1

    @property
    def pages_unnamed(self) -> int:
        """The same for filing without a name, where files are added afterwards."""
        return len(self.steps) + 1

    def step(self, number: int) -> FormStep | None:
        """A page by its number."""
        return self.steps[number - 1] if 1 <= number <= len(self.steps) else None

    def step_of(self, field: str) -> FormStep | None:
        """The page of a field."""
        return next((step for step in self.steps if field in step.fields), None)

    def question(self, field: str) -> FormQuestion | None:
        """The question of a field, or of a part of its answer."""
        name = field.removeprefix(ANSWERS).partition(".")[0]
        return next((question for question in self.questions if question.name == name), None)


def documents_of(entry: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The documents of a service that are sent with a filing; its charter also mentions some without a code."""
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
    """The questions in their order; `taken` is the size of what else is on the first page."""
    for long, run in groupby(questions, _needs_a_page):
        if not long:
            yield from _spread(list(run), taken)
        else:
            yield from ([[]] if taken else []) + [[question] for question in run]
        taken = 0
    if taken:
        yield []


def _spread(questions: Sequence[FormQuestion], taken: int) -> list[list[FormQuestion]]:
    """Short questions on as few pages as possible, about the same number on each."""
    total = taken + sum(_size(question) for question in questions)
    page_size = total / max(1, round(total / PAGE_SIZE))
    pages: dict[int, list[FormQuestion]] = {}
    for question in questions:
        size = _size(question)
        pages.setdefault(int((taken + size / 2) / page_size), []).append(question)
        taken += size
    return list(pages.values())


def _needs_a_page(question: FormQuestion) -> bool:
    return question.kind == "text" or question.name == PLACE


def _size(question: FormQuestion) -> int:
    return 2 if question.kind == "choice" else 1


def _has_place(group: Sequence[FormQuestion]) -> bool:
    return any(question.name == PLACE for question in group)
