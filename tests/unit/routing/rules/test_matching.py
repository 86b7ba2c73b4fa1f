"""The first rule that matches decides; a rule that cannot be applied is reported and skipped."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.routing.rules.models.matching import (
    PlaceNotLocatedError,
    PreparedRule,
    Situation,
    first_match,
    prepared,
)
from services.routing.rules.models.rule import MAX_RULES, RuleSetBody
from shared.clock import PAKISTAN
from shared.errors import MistakesError
from tests.cases import cases

DEPARTMENTS = ("power", "roads", "triage")
AREAS = ("bazaar", "canal")
BECAUSE = {"en": "Because.", "ur": "کیونکہ۔"}
NOON = datetime(2026, 7, 1, 7, 0, tzinfo=UTC)
"""Wednesday, 12:00 in Pakistan."""


def a_rule(name: str = "one", to: str = "power", **when: Any) -> dict[str, Any]:
    """A rule as it is stored."""
    return {"name": name, "when": when, "to": to, "because": BECAUSE}


def a_situation(**changes: Any) -> Situation:
    """A request at noon."""
    values: dict[str, Any] = {
        "service": "water-leak",
        "category": "water",
        "kind": "complaint",
        "district": "swat",
        "facts": {"danger": True, "size": 2},
        "channel": "web",
        "at": NOON,
        "areas": lambda: frozenset({"bazaar"}),
    }
    return Situation(**{**values, **changes})


def matched(rules: list[Any], situation: Situation, problems: list[str] | None = None) -> str | None:
    """The name of the rule that decides."""
    ready = prepared(rules, DEPARTMENTS, AREAS)
    noted = [] if problems is None else problems
    found = first_match(ready, situation, lambda rule, problem: noted.append(f"{rule.name}: {problem}"))
    return found.name if found else None


MATCHING = [
    ({}, True),
    ({"services": ["water-leak", "x1"]}, True),
    ({"services": ["water-leaks"]}, False),
    ({"categories": ["water"], "kinds": ["complaint"]}, True),
    ({"categories": ["water"], "kinds": ["application"]}, False),
    ({"districts": ["swat"], "channels": ["web", "phone"]}, True),
    ({"channels": ["counter"]}, False),
    ({"answers": {"danger": [True], "size": [1, 2]}}, True),
    ({"answers": {"danger": [1]}}, False),
    ({"answers": {"unasked": [True]}}, False),
    ({"areas": ["canal", "bazaar"]}, True),
    ({"areas": ["canal"]}, False),
    ({"weekdays": ["wed"]}, True),
    ({"weekdays": ["tue", "thu"]}, False),
    ({"hours": {"from": "12:00", "to": "13:00"}}, True),
    ({"hours": {"from": "11:00", "to": "12:00"}}, False),
    ({"hours": {"from": "22:00", "to": "12:01"}}, True),
    ({"hours": {"from": "22:00", "to": "06:00"}}, False),
    ({"dates": {"from": "2026-07-01", "to": "2026-07-01"}}, True),
    ({"dates": {"from": "2026-07-02"}}, False),
    ({"dates": {"to": "2026-06-30"}}, False),
]


@cases("when, holds", MATCHING)
def test_a_rule_matches_if_all_its_conditions_hold(when: dict[str, Any], holds: bool) -> None:
    assert matched([a_rule(**when)], a_situation()) == ("one" if holds else None)


def test_days_and_hours_are_those_of_pakistan() -> None:
    late = a_situation(at=datetime(2026, 7, 1, 20, 30, tzinfo=UTC))  # Thursday 01:30 in Pakistan
    assert matched([a_rule(weekdays=["thu"], hours={"from": "01:00", "to": "02:00"})], late) == "one"


BROKEN = [
    (17, "unreadable"),
    ({"name": "lost", "to": "power"}, "unreadable"),
    (a_rule("lost", when_="x") | {"when": {"weather": ["rain"]}}, "unreadable"),
    (a_rule("lost", services="water-leak"), "unreadable"),
    (a_rule("lost", to="gone"), "unknown_department"),
    (a_rule("lost", areas=["sea"]), "unknown_area"),
]


@cases("broken, problem", BROKEN)
def test_a_rule_that_cannot_be_applied_is_reported_and_skipped(broken: Any, problem: str) -> None:
    problems: list[str] = []
    assert matched([broken, a_rule("two", "roads")], a_situation(), problems) == "two"
    assert problems == [f"{'1' if broken == 17 else 'lost'}: {problem}"]


def test_a_category_that_is_not_known_yet_is_a_problem_of_that_rule_alone() -> None:
    problems: list[str] = []
    rules = [a_rule("by category", categories=["water"]), a_rule("two")]
    assert matched(rules, a_situation(category=""), problems) == "two"
    assert problems == ["by category: CategoryUnknownError"]


def test_a_place_that_was_not_looked_up_makes_the_event_come_again() -> None:
    def not_yet() -> frozenset[str]:
        raise PlaceNotLocatedError

    with pytest.raises(PlaceNotLocatedError):
        matched([a_rule(areas=["canal"]), a_rule("two")], a_situation(areas=not_yet))
    assert matched([a_rule("before"), a_rule(areas=["canal"])], a_situation(areas=not_yet)) == "before"


REFUSED = [
    {"rules": [a_rule(), a_rule("ONE")]},
    {"rules": [a_rule(to="gone")]},
    {"rules": [a_rule(areas=["sea"])]},
]


@cases("body", REFUSED)
def test_a_set_with_a_repeated_name_or_an_unknown_target_is_refused(body: Any) -> None:
    with pytest.raises(MistakesError):
        RuleSetBody.model_validate(body).require_known(DEPARTMENTS, AREAS)


UNREADABLE = [
    a_rule(hours={"from": "25:00", "to": "06:00"}),
    a_rule(dates={"from": "2026-02-30"}),
    a_rule(dates={}),
    a_rule(dates={"from": "2026-03-02", "to": "2026-03-01"}),
    a_rule(services=[]),
    a_rule(answers={"danger": []}),
    a_rule(channels=["pigeon"]),
]


@cases("rule", UNREADABLE)
def test_a_rule_with_an_impossible_condition_is_refused(rule: Any) -> None:
    with pytest.raises(ValidationError):
        RuleSetBody.model_validate({"rules": [rule]})


def test_there_is_an_end_to_the_number_of_rules() -> None:
    with pytest.raises(ValidationError):
        RuleSetBody.model_validate({"rules": [a_rule(str(n)) for n in range(MAX_RULES + 1)]})


MINUTES = st.integers(0, 24 * 60 - 1).map(lambda n: f"{n // 60:02}:{n % 60:02}")
DAYS = st.dates(date(2026, 6, 28), date(2026, 7, 6)).map(date.isoformat)
WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
CODES = st.sampled_from(["aa", "bb", "cc"])
WHENS = st.fixed_dictionaries(
    {},
    optional={
        "services": st.lists(CODES, min_size=1, max_size=2),
        "categories": st.lists(CODES, min_size=1, max_size=2),
        "kinds": st.lists(st.sampled_from(["application", "complaint"]), min_size=1, max_size=2),
        "districts": st.lists(CODES, min_size=1, max_size=2),
        "areas": st.lists(st.sampled_from([*AREAS, "sea"]), min_size=1, max_size=2),
        "answers": st.dictionaries(
            st.sampled_from(["p", "q"]),
            st.lists(st.sampled_from([True, False, 1, 0, "aa"]), min_size=1, max_size=2),
            min_size=1,
            max_size=2,
        ),
        "channels": st.lists(st.sampled_from(["web", "phone"]), min_size=1, max_size=2),
        "weekdays": st.lists(st.sampled_from(WEEKDAYS), min_size=1, max_size=4),
        "hours": st.fixed_dictionaries({"from": MINUTES, "to": MINUTES}),
        "dates": st.fixed_dictionaries({"from": DAYS}),
    },
)
RULES = st.lists(st.tuples(WHENS, st.sampled_from([*DEPARTMENTS, "gone"]), st.booleans()), max_size=8)
SITUATIONS = st.builds(
    a_situation,
    service=CODES,
    category=st.sampled_from(["", "aa", "bb"]),
    kind=st.sampled_from(["application", "complaint"]),
    district=CODES,
    facts=st.dictionaries(st.sampled_from(["p", "q"]), st.sampled_from([True, False, 1, 0, "aa"])),
    channel=st.sampled_from(["web", "phone", None]),
    at=st.integers(0, 7 * 24 * 60).map(lambda minutes: NOON - timedelta(days=3) + timedelta(minutes=minutes)),
    areas=st.frozensets(st.sampled_from(AREAS)).map(lambda found: lambda: found),
)


def broken_or_holds(when: dict[str, Any], to: str, situation: Situation) -> bool | None:
    """The slow oracle: None for a rule that cannot be applied, else whether it matches; written without the models."""
    if to not in DEPARTMENTS or not set(when.get("areas", ())) <= set(AREAS):
        return None
    local = situation.at.astimezone(PAKISTAN)
    checks: dict[str, Any] = {
        "services": lambda wanted: situation.service in wanted,
        "kinds": lambda wanted: situation.kind in wanted,
        "districts": lambda wanted: situation.district in wanted,
        "channels": lambda wanted: situation.channel in wanted,
        "answers": lambda wanted: all(
            any(repr(situation.facts.get(name)) == repr(value) for value in values) for name, values in wanted.items()
        ),
        "weekdays": lambda wanted: local.strftime("%a").lower() in wanted,
        "hours": lambda wanted: in_hours(wanted, local),
        "dates": lambda wanted: date.fromisoformat(wanted["from"]) <= local.date(),
    }
    if not all(check(when[name]) for name, check in checks.items() if name in when):
        return False
    if "categories" in when and not situation.category:
        return None
    in_category = "categories" not in when or situation.category in when["categories"]
    return in_category and ("areas" not in when or any(area in situation.areas() for area in when["areas"]))


def in_hours(wanted: dict[str, str], local: datetime) -> bool:
    """Whether a clock that starts at the first time meets this minute before the second."""
    minute, now = datetime.strptime(wanted["from"], "%H:%M"), local.strftime("%H:%M")
    for _ in range(24 * 60):
        if minute.strftime("%H:%M") == wanted["to"]:
            return False
        if minute.strftime("%H:%M") == now:
            return True
        minute += timedelta(minutes=1)
    return False


@given(RULES, SITUATIONS)
def test_first_match_wins_as_the_slow_oracle_says_and_no_broken_rule_stops_it(
    rules: list[tuple[dict[str, Any], str, bool]], situation: Situation
) -> None:
    stored: list[Any] = []
    expected, skipped = None, []
    for n, (when, to, unreadable) in enumerate(rules):
        name = f"rule {n}"
        stored.append({"name": name, "when": when} if unreadable else a_rule(name, to, **when))
        verdict = None if unreadable else broken_or_holds(when, to, situation)
        if expected is None and verdict is None:
            skipped.append(name)
        if expected is None and verdict:
            expected = name
    reported: list[PreparedRule] = []
    ready = prepared(stored, DEPARTMENTS, AREAS)
    found = first_match(ready, situation, lambda rule, _: reported.append(rule))
    assert (found.name if found else None) == expected
    assert [rule.name for rule in reported] == skipped
