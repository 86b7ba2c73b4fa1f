"""The rule set in memory: places are looked up in batches, and only if a rule asks for areas."""

from collections.abc import Sequence
from typing import Any, cast

import pytest

from services.routing.models.assignment import Assignment
from services.routing.rules.models.area import Point
from services.routing.rules.models.matching import PlaceNotLocatedError
from services.routing.rules.models.rule import RuleSetBody
from services.routing.rules.models.versions import RuleSet
from services.routing.rules.service.in_force import RulesInForce
from services.routing.rules.service.publishing import text_of
from services.routing.rules.store import AreaStore, RuleSetStore
from shared.errors import ConflictError
from shared.seal import SealPurpose
from tests.builders import KEYS, NUMBER
from tests.fakes import START
from tests.unit.routing.office import Office
from tests.unit.routing.rules.test_matching import a_rule


class AreasInMemory:
    """Areas: the bazaar is everything east of longitude 70. Counts the queries."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    async def codes(self) -> set[str]:
        """The codes of all areas."""
        return {"bazaar"}

    async def around(self, points: Sequence[Point]) -> list[frozenset[str]]:
        """The areas of each point."""
        self.asked.append(len(points))
        return [frozenset({"bazaar"} if point.longitude > 70 else ()) for point in points]


class StoredRules:
    """A store with one rule set."""

    def __init__(self, *rules: dict[str, Any]) -> None:
        self.stored = RuleSet(id="routing", version=3, text=text_of(RuleSetBody.model_validate({"rules": [*rules]})))

    async def load(self) -> RuleSet:
        """The rule set."""
        return self.stored


def a_place(longitude: float, number: str = NUMBER) -> str:
    """A sealed point."""
    return KEYS.seal(f"34.0,{longitude}", SealPurpose.REQUEST_POINT, owner=number)


async def in_force(*rules: dict[str, Any]) -> tuple[RulesInForce, AreasInMemory]:
    """A rule set in force."""
    office, areas = await Office().open(), AreasInMemory()
    found = RulesInForce(cast(RuleSetStore, StoredRules(*rules)), cast(AreaStore, areas), office.directory, KEYS)
    await found.refresh()
    return found, areas


async def test_no_place_is_needed_if_no_rule_asks_for_areas() -> None:
    rules, _ = await in_force(a_rule("all", "roads"))
    assert not rules.asks_for_areas
    choice = rules.choose(Assignment(id=NUMBER, sealed_point=a_place(71.5)), START)
    assert choice is not None
    assert (choice.department, choice.rule, choice.version) == ("roads", "all", 3)


async def test_places_of_a_batch_are_looked_up_in_one_query() -> None:
    rules, areas = await in_force(a_rule("in the bazaar", "roads", areas=["bazaar"]))
    east, west = a_place(71.5), a_place(69.5)
    await rules.look_up([(NUMBER, east), (NUMBER, west)])
    assert areas.asked == [2]
    assert rules.choose(Assignment(id=NUMBER, sealed_point=east), START) is not None
    assert rules.choose(Assignment(id=NUMBER, sealed_point=west), START) is None
    assert rules.choose(Assignment(id=NUMBER), START) is None


async def test_a_place_that_was_not_looked_up_is_looked_up_with_the_next_batch() -> None:
    rules, areas = await in_force(a_rule("in the bazaar", "roads", areas=["bazaar"]))
    parked = Assignment(id=NUMBER, sealed_point=a_place(71.5))
    with pytest.raises(PlaceNotLocatedError):
        rules.choose(parked, START)
    await rules.look_up([])
    assert areas.asked == [1]
    assert rules.choose(parked, START) is not None


async def test_a_place_that_does_not_open_is_no_place() -> None:
    rules, _ = await in_force(a_rule("in the bazaar", "roads", areas=["bazaar"]))
    foreign = a_place(71.5, number="RB-0000-0000-0")
    await rules.look_up([(NUMBER, foreign)])
    assert rules.choose(Assignment(id=NUMBER, sealed_point=foreign), START) is None


def test_only_a_draft_that_was_tried_since_its_last_change_is_published() -> None:
    rules = RuleSet(id="routing")
    with pytest.raises(ConflictError, match="rules-not-tried"):
        rules.publish("admin-1", START)
    rules.write_draft("[]", "admin-1", START)
    assert rules.note_tried("[1]") is False
    assert rules.note_tried("[]") is True
    rules.write_draft("[2]", "admin-1", START)
    with pytest.raises(ConflictError, match="rules-not-tried"):
        rules.publish("admin-1", START)
    rules.note_tried("[2]")
    rules.publish("admin-2", START)
    assert (rules.version, rules.text, rules.published_by, rules.draft) == (1, "[2]", "admin-2", {})
