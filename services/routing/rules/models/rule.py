"""A routing rule as administrators write it: a name, conditions, a department, and the reason in both languages."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from services.routing.models.directory import Code, DepartmentCode
from shared.errors import Mistake, MistakesError
from shared.jsonbody import Body
from shared.spelling import AS_TEXT

MAX_RULES = 200
MAX_VALUES = 100
Value = Annotated[str, StringConstraints(max_length=100)] | int | bool
"""A value that an answer may have."""
FactName = Annotated[str, StringConstraints(min_length=1, max_length=60)]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Channel = Literal["web", "counter", "phone", "open311", "api"]


def _clock_text(value: object) -> object:
    """A time as text; YAML reads 18:30 as a number of minutes."""
    return f"{value // 60:02}:{value % 60:02}" if type(value) is int else value


def _day_text(value: object) -> object:
    """A day as text; YAML reads 2026-07-01 as a date."""
    return value.isoformat() if type(value) is date else value


TimeOfDay = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$"), BeforeValidator(_clock_text)]


def _existing_day(text: str) -> str:
    try:
        date.fromisoformat(text)
    except ValueError:
        raise PydanticCustomError("date", "refused") from None
    return text


Day = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"),
    AfterValidator(_existing_day),
    BeforeValidator(_day_text),
]


class Hours(Body):
    """A part of the day in Pakistan, from the first time until before the second; it may go past midnight."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)
    start: TimeOfDay = Field(alias="from")
    end: TimeOfDay = Field(alias="to")


class Days(Body):
    """A period of days in Pakistan, including both; it may be open at one side."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)
    start: Day | None = Field(None, alias="from")
    end: Day | None = Field(None, alias="to")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not (self.start or self.end) or (self.start and self.end and self.start > self.end):
            raise PydanticCustomError("date", "refused")
        return self


class RuleWhen(Body):
    """The conditions of a rule: all that are given must hold. Of a list, one value is enough."""

    model_config = ConfigDict(frozen=True)
    services: Annotated[list[Code], Field(min_length=1, max_length=MAX_VALUES)] | None = None
    categories: Annotated[list[Code], Field(min_length=1, max_length=MAX_VALUES)] | None = None
    kinds: Annotated[list[Literal["application", "complaint"]], Field(min_length=1, max_length=2)] | None = None
    districts: Annotated[list[Code], Field(min_length=1, max_length=MAX_VALUES)] | None = None
    areas: Annotated[list[Code], Field(min_length=1, max_length=MAX_VALUES)] | None = None
    answers: (
        Annotated[
            dict[FactName, Annotated[list[Value], Field(min_length=1, max_length=MAX_VALUES)]],
            Field(min_length=1, max_length=20),
        ]
        | None
    ) = None
    channels: Annotated[list[Channel], Field(min_length=1, max_length=5)] | None = None
    weekdays: Annotated[list[Weekday], Field(min_length=1, max_length=7)] | None = None
    hours: Hours | None = None
    dates: Days | None = None


class Because(Body):
    """The reason for the choice, in both languages; citizens and officers read it."""

    model_config = ConfigDict(frozen=True)
    en: Annotated[str, Field(min_length=1, max_length=300), AS_TEXT]
    ur: Annotated[str, Field(min_length=1, max_length=300), AS_TEXT]


class RoutingRule(Body):
    """One rule of the set: requests for which all conditions hold go to the department."""

    model_config = ConfigDict(frozen=True)
    name: Annotated[str, Field(min_length=1, max_length=80), AS_TEXT]
    when: RuleWhen = RuleWhen()
    to: DepartmentCode
    because: Because


class RuleSetBody(Body):
    """An ordered rule set, as it is sent; no rules leave everything to the services' own."""

    rules: Annotated[list[RoutingRule], Field(max_length=MAX_RULES)]

    def require_known(self, departments: Collection[str], areas: Collection[str]) -> None:
        """Raise MistakesError if rules share a name, or name an unknown department or area."""
        mistakes = [mistake for n, rule in enumerate(self.rules) for mistake in unknown_in(rule, departments, areas, n)]
        mistakes += _repeated(self.rules)
        if mistakes:
            raise MistakesError(mistakes)


def unknown_in(rule: RoutingRule, departments: Collection[str], areas: Collection[str], at: int) -> list[Mistake]:
    """Mistakes of a rule, which is at this place of the set, that only show when it is compared with what is known."""
    found = [] if rule.to in departments else [Mistake(f"/rules/{at}/to", "department")]
    named = rule.when.areas or []
    return found + [Mistake(f"/rules/{at}/when/areas/{n}", "area") for n, one in enumerate(named) if one not in areas]


def _repeated(rules: Sequence[RoutingRule]) -> list[Mistake]:
    """Decisions name their rule, so a name stands for one rule."""
    names = [rule.name.casefold() for rule in rules]
    return [Mistake(f"/rules/{n}/name", "rule_name_twice") for n, name in enumerate(names) if name in names[:n]]
