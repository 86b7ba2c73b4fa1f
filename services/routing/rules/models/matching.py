"""Finds the first rule that matches. A rule that cannot be applied is reported and skipped; it never stops routing."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, get_args

from pydantic import ValidationError

from services.routing.rules.models.rule import Days, Hours, RoutingRule, Weekday, unknown_in
from shared.clock import PAKISTAN
from shared.rules import conditions_hold

WEEKDAYS = get_args(Weekday)


class PlaceNotLocatedError(LookupError):
    """The areas of the request's place were not looked up yet: the event comes again shortly."""


class CategoryUnknownError(LookupError):
    """The service was published before routing heard of categories; publish it again."""


@dataclass(frozen=True)
class Situation:
    """What rules may ask of a request: its closed facts, and the time at which it is routed."""

    service: str
    category: str
    kind: str
    district: str
    facts: Mapping[str, Any]
    channel: str | None
    at: datetime
    areas: Callable[[], frozenset[str]] = field(default=frozenset)
    """The areas that its place is in. Called only by a rule that names areas."""


@dataclass(frozen=True)
class PreparedRule:
    """A rule of the set at its place, or the problem for which it is skipped."""

    place: int
    """Counted from 1."""
    name: str
    rule: RoutingRule | None = None
    problem: str | None = None


Report = Callable[[PreparedRule, str], None]
"""Is called for each rule that was skipped, with the problem."""


def prepared(rules: Sequence[Any], departments: Collection[str], areas: Collection[str]) -> list[PreparedRule]:
    """Stored rules as they are applied: each readable or with its problem."""
    return [_prepared(place, rule, departments, areas) for place, rule in enumerate(rules, 1)]


def ask_for_areas(rules: Sequence[PreparedRule]) -> bool:
    """Whether any of the rules does. If none does, no place is opened or looked up."""
    return any(one.rule is not None and one.rule.when.areas for one in rules)


def first_match(rules: Sequence[PreparedRule], situation: Situation, report: Report) -> RoutingRule | None:
    """The first rule whose conditions all hold. Raises PlaceNotLocatedError if that can be told only later."""
    for one in rules:
        if one.rule is None:
            report(one, one.problem or "unreadable")
            continue
        try:
            if holds(one.rule, situation):
                return one.rule
        except PlaceNotLocatedError:
            raise
        except Exception as error:  # whatever is wrong with one rule, the others still apply
            report(one, type(error).__name__)
    return None


def holds(rule: RoutingRule, situation: Situation) -> bool:
    """Whether all conditions of the rule hold; those that are cheap to test come first."""
    given = ((name, getattr(rule.when, name)) for name in CONDITIONS)
    return all(CONDITIONS[name](wanted, situation) for name, wanted in given if wanted is not None)


def _in_category(wanted: Collection[str], situation: Situation) -> bool:
    if not situation.category:
        raise CategoryUnknownError(situation.service)
    return situation.category in wanted


def _at_hours(wanted: Hours, situation: Situation) -> bool:
    now = situation.at.astimezone(PAKISTAN).strftime("%H:%M")
    if wanted.start <= wanted.end:
        return wanted.start <= now < wanted.end
    return now >= wanted.start or now < wanted.end


def _on_days(wanted: Days, situation: Situation) -> bool:
    today = situation.at.astimezone(PAKISTAN).date().isoformat()
    return (wanted.start or today) <= today <= (wanted.end or today)


CONDITIONS: dict[str, Callable[[Any, Situation], bool]] = {
    "services": lambda wanted, situation: situation.service in wanted,
    "kinds": lambda wanted, situation: situation.kind in wanted,
    "districts": lambda wanted, situation: situation.district in wanted,
    "channels": lambda wanted, situation: situation.channel in wanted,
    "answers": lambda wanted, situation: conditions_hold(wanted, situation.facts),
    "dates": _on_days,
    "weekdays": lambda wanted, situation: WEEKDAYS[situation.at.astimezone(PAKISTAN).weekday()] in wanted,
    "hours": _at_hours,
    "categories": _in_category,
    "areas": lambda wanted, situation: not situation.areas().isdisjoint(wanted),
}


def _prepared(place: int, rule: Any, departments: Collection[str], areas: Collection[str]) -> PreparedRule:
    try:
        read = RoutingRule.model_validate(rule)
    except ValidationError:
        name = rule.get("name") if isinstance(rule, dict) else None
        return PreparedRule(place, str(name or place)[:80], problem="unreadable")
    if unknown := unknown_in(read, departments, areas, place):
        return PreparedRule(place, read.name, problem=f"unknown_{unknown[0].code}")
    return PreparedRule(place, read.name, read)
