"""The form of a service: its questions, made from the JSON Schema that the catalogue keeps.

Texts stay in both languages until they are shown. What a schema says that no page can ask is asked as a line of text,
and the service says what is wrong with it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["line", "text", "number", "yes", "date", "choice", "list"]
"""A line of text, several lines, a number, yes or no, three boxes for a date, one of a few, one of many."""
Both = Mapping[str, str]
Answer = str | int | float | bool

ANSWERS = "answers."
"""What the names of the questions' fields begin with; so `/answers/place` in an error is the field `answers.place`."""
LONGEST_LINE = 300
MAX_RADIOS = 6
WIDTHS = ((4, "w4"), (7, "w6"), (14, "w13"), (24, "w20"))


@dataclass(frozen=True, slots=True)
class Option:
    """One of the answers that a question offers; `note` says what choosing it leads to."""

    value: str
    answer: Answer
    label: Both
    note: Both | None = None


@dataclass(frozen=True, slots=True)
class FormQuestion:
    """One question of a form. `own` are the kinds of error for which the catalogue has words of its own."""

    name: str
    kind: Kind
    title: Both
    hint: Both | None = None
    required: bool = False
    options: tuple[Option, ...] = ()
    whole: bool = False
    least: float | None = None
    most: float | None = None
    shortest: int = 0
    longest: int = 0
    latin: bool = False
    past: bool = False
    """Whether the date has to be today or earlier."""
    own: frozenset[str] = frozenset()

    @property
    def field(self) -> str:
        """The name of its field."""
        return f"{ANSWERS}{self.name}"

    @property
    def width(self) -> str:
        """A width that tells how long the answer is expected to be."""
        letters = self.longest
        if self.kind == "number":
            letters = len(str(int(self.most))) + 2 if self.most is not None else 14
        return next((width for most, width in WIDTHS if 0 < letters <= most), "w30")


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
        hint=None if kind == "date" else schema.get("x-hint"),  # it speaks of one line; we have three boxes
        required=required,
        options=tuple(_options(name, schema, entry)),
        whole=schema.get("type") == "integer",
        least=schema.get("minimum"),
        most=schema.get("maximum"),
        shortest=schema.get("minLength", 0),
        longest=schema.get("maxLength", 0),
        latin=schema.get("pattern", "").isascii() and "pattern" in schema,
        past=schema.get("x-not-after") == "today",
        own=frozenset(schema.get("x-messages", ())),
    )


def kind_of(schema: Mapping[str, Any]) -> Kind:
    """How a question is asked."""
    match schema.get("type"):
        case "boolean":
            return "yes"
        case _ if "enum" in schema:
            return "choice" if len(schema["enum"]) <= MAX_RADIOS else "list"
        case "integer" | "number":
            return "number"
    if schema.get("format") == "date":
        return "date"
    return "text" if schema.get("maxLength", LONGEST_LINE) > LONGEST_LINE else "line"


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


def note_of(name: str, answer: Answer, entry: Mapping[str, Any]) -> Both | None:
    """What the catalogue says of an answer beforehand: that a rule does not let it pass, or that it leads elsewhere."""
    for rule in entry.get("eligibility", ()):
        allowed = _alone(rule["requires"], name)
        if allowed is not None and not _fits(answer, allowed):
            failed: Both = rule["failed"]
            return failed
    for place in entry["department"]:
        if list(place.get("when") or ()) == [name] and _is_one_of(answer, place["when"][name]):
            because: Both = place["because"]
            return because
    return None


def _alone(requires: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    """What a rule asks of one answer, where it looks at nothing else; None for every other rule."""
    if set(requires) - {"type"} != {"properties"} or set(requires["properties"]) != {"answers"}:
        return None
    answers = requires["properties"]["answers"]
    if set(answers) - {"type"} != {"properties"} or set(answers["properties"]) != {name}:
        return None
    asked: Mapping[str, Any] = answers["properties"][name]
    return asked if set(asked) <= {"const", "enum", "not"} else None


def _fits(answer: Answer, asked: Mapping[str, Any]) -> bool:
    if "not" in asked:
        unwanted = asked["not"]
        return set(unwanted) != {"const"} or not _is_one_of(answer, [unwanted["const"]])
    return _is_one_of(answer, asked["enum"] if "enum" in asked else [asked["const"]])


def _is_one_of(answer: Answer, values: Sequence[Any]) -> bool:
    """Without Python's 1 == True."""
    return any(type(value) is type(answer) and value == answer for value in values)
