"""The questions of a service, made from the JSON Schema in its catalogue entry.

Texts are in both languages. A type that the pages do not know becomes a line of text, which the service checks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["line", "text", "number", "yes", "date", "choice", "list"]
"""A line of text, several lines, a number, yes or no, three boxes for a date, radio buttons, a select list."""
Bilingual = Mapping[str, str]
Answer = str | int | float | bool

ANSWERS = "answers."
"""Prefix of the questions' fields: `/answers/place` in an error is the field `answers.place`."""
MAX_LINE = 300
MAX_RADIOS = 6
WIDTHS = ((4, "w4"), (7, "w6"), (14, "w13"), (24, "w20"))


@dataclass(frozen=True, slots=True)
class Option:
    """An answer to choose; `note` says what it leads to."""

    value: str
    answer: Answer
    label: Bilingual
    note: Bilingual | None = None


@dataclass(frozen=True, slots=True)
class FormQuestion:
    """A question of a form. `own_messages` are the keywords whose errors have a message in the catalogue."""

    name: str
    kind: Kind
    title: Bilingual
    hint: Bilingual | None = None
    required: bool = False
    options: tuple[Option, ...] = ()
    integer: bool = False
    minimum: float | None = None
    maximum: float | None = None
    min_length: int = 0
    max_length: int = 0
    latin: bool = False
    past: bool = False
    """Whether the date has to be today or earlier."""
    own_messages: frozenset[str] = frozenset()

    @property
    def field(self) -> str:
        """The name of its field."""
        return f"{ANSWERS}{self.name}"

    @property
    def width(self) -> str:
        """The width of the field, by the expected length of the answer."""
        letters = self.max_length
        if self.kind == "number":
            letters = len(str(int(self.maximum))) + 2 if self.maximum is not None else 14
        return next((width for limit, width in WIDTHS if 0 < letters <= limit), "w30")


def questions_of(entry: Mapping[str, Any]) -> tuple[FormQuestion, ...]:
    """The questions of a catalogue entry, in the order of its form."""
    form = entry["form"]
    required = form.get("required", ())
    return tuple(_question(name, schema, name in required, entry) for name, schema in form["properties"].items())


def _question(name: str, schema: Mapping[str, Any], required: bool, entry: Mapping[str, Any]) -> FormQuestion:
    kind = kind_of(schema)
    return FormQuestion(
        name,
        kind,
        title=schema.get("x-title") or {"en": name, "ur": name},
        hint=None if kind == "date" else schema.get("x-hint"),  # the hint is for one line, and the page has three boxes
        required=required,
        options=tuple(_options(name, schema, entry)),
        integer=schema.get("type") == "integer",
        minimum=schema.get("minimum"),
        maximum=schema.get("maximum"),
        min_length=schema.get("minLength", 0),
        max_length=schema.get("maxLength", 0),
        latin=schema.get("pattern", "").isascii() and "pattern" in schema,
        past=schema.get("x-not-after") == "today",
        own_messages=frozenset(schema.get("x-messages", ())),
    )


def kind_of(schema: Mapping[str, Any]) -> Kind:
    """The kind of field for a question."""
    match schema.get("type"):
        case "boolean":
            return "yes"
        case _ if "enum" in schema:
            return "choice" if len(schema["enum"]) <= MAX_RADIOS else "list"
        case "integer" | "number":
            return "number"
    if schema.get("format") == "date":
        return "date"
    return "text" if schema.get("maxLength", MAX_LINE) > MAX_LINE else "line"


def _options(name: str, schema: Mapping[str, Any], entry: Mapping[str, Any]) -> list[Option]:
    labels = schema.get("x-options", {})
    choices: Sequence[Answer] = [True, False] if schema.get("type") == "boolean" else schema.get("enum", ())
    return [
        Option(
            value=_value(answer),
            answer=answer,
            label=labels.get(str(answer), {"en": str(answer), "ur": str(answer)}),
            note=note_of(name, answer, entry),
        )
        for answer in choices
    ]


def _value(answer: Answer) -> str:
    return {True: "yes", False: "no"}[answer] if isinstance(answer, bool) else str(answer)


def note_of(name: str, answer: Answer, entry: Mapping[str, Any]) -> Bilingual | None:
    """The catalogue's text about an answer that no rule accepts, or that leads to another department."""
    for rule in entry.get("eligibility", ()):
        allowed = _condition_on(name, rule["requires"])
        if allowed is not None and not _accepts(allowed, answer):
            failed: Bilingual = rule["failed"]
            return failed
    for rule in entry["department"]:
        if list(rule.get("when") or ()) == [name] and _is_one_of(answer, rule["when"][name]):
            because: Bilingual = rule["because"]
            return because
    return None


def _condition_on(name: str, requires: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The condition of a rule that is only about this answer; None for every other rule."""
    if set(requires) - {"type"} != {"properties"} or set(requires["properties"]) != {"answers"}:
        return None
    answers = requires["properties"]["answers"]
    if set(answers) - {"type"} != {"properties"} or set(answers["properties"]) != {name}:
        return None
    condition: Mapping[str, Any] = answers["properties"][name]
    return condition if set(condition) <= {"const", "enum", "not"} else None


def _accepts(condition: Mapping[str, Any], answer: Answer) -> bool:
    if "not" in condition:
        unwanted = condition["not"]
        return set(unwanted) != {"const"} or not _is_one_of(answer, [unwanted["const"]])
    return _is_one_of(answer, condition["enum"] if "enum" in condition else [condition["const"]])


def _is_one_of(answer: Answer, values: Sequence[Any]) -> bool:
    """Like `in`, but 1 is not True."""
    return any(type(value) is type(answer) and value == answer for value in values)
