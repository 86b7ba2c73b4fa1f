"""The rule set as this process applies it: read from memory; rules that cannot be applied are reported and skipped."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import structlog

from services.routing.directory import Directory
from services.routing.metrics import RULES_SKIPPED
from services.routing.models.assignment import Assignment
from services.routing.models.directory import TRIAGE, Choice, choose
from services.routing.rules.models.area import Point
from services.routing.rules.models.matching import (
    PlaceNotLocatedError,
    PreparedRule,
    Report,
    Situation,
    ask_for_areas,
    first_match,
    prepared,
)
from services.routing.rules.store import AreaStore, RuleSetStore
from shared.seal import KeyRing, SealBrokenError, SealPurpose

log = structlog.get_logger(__name__)
MAX_LOCATED = 20_000
NOWHERE: frozenset[str] = frozenset()


class RulesInForce:
    """Chooses by the published rule set. It is read again every few seconds, and at once where it was published.

    Knows the areas of places after they were looked up, many in one query.
    """

    def __init__(self, store: RuleSetStore, areas: AreaStore, directory: Directory, keys: KeyRing) -> None:
        self.store, self.areas, self.directory = store, areas, directory
        self._keys = keys
        self.version = 0
        self.rules: list[PreparedRule] = []
        self._reported: set[tuple[int, str, str]] = set()
        self._located: OrderedDict[str, frozenset[str]] = OrderedDict()
        self._missed: dict[str, str] = {}

    async def refresh(self) -> None:
        """Read the rule set; its rules are compared with the departments and areas that there are."""
        stored = await self.store.load()
        self.version, self.rules = stored.version, await self.prepared(stored.in_force.rules)
        for one in self.rules:
            if one.problem:
                self._log_once(one, one.problem)

    async def prepared(self, rules: Sequence[Any]) -> list[PreparedRule]:
        """Stored rules as they are applied, compared with the departments and areas that there are."""
        return prepared(rules, self.directory.departments.keys(), await self.areas.codes())

    @property
    def asks_for_areas(self) -> bool:
        """Whether any rule does. If none does, no place is opened or looked up."""
        return ask_for_areas(self.rules)

    async def look_up(self, places: Iterable[tuple[str, str]]) -> None:
        """Find the areas of places (number and sealed point), and of those asked for before they were looked up."""
        wanted = {sealed: number for number, sealed in places if sealed not in self._located} | self._missed
        self._missed = {}
        points = {sealed: point for sealed, number in wanted.items() if (point := self._point(sealed, number))}
        self._located.update(dict.fromkeys(wanted, NOWHERE))
        self._located.update(zip(points, await self.areas.around(list(points.values())), strict=True))
        while len(self._located) > MAX_LOCATED:
            self._located.popitem(last=False)

    def _areas_of(self, number: str, sealed: str | None) -> frozenset[str]:
        """The areas of a place; none without a place. Raises PlaceNotLocatedError, and looks it up with the next."""
        if sealed is None:
            return NOWHERE
        if sealed not in self._located:
            self._missed[sealed] = number
            raise PlaceNotLocatedError(number)
        return self._located[sealed]

    def _point(self, sealed: str, number: str) -> Point | None:
        try:
            return Point.of(self._keys.unseal(sealed, SealPurpose.REQUEST_POINT, owner=number))
        except SealBrokenError as error:  # it is routed all the same, as if it had no place
            log.error("seal.broken", purpose=error.purpose, owner=error.owner)
            return None

    def choose(self, assignment: Assignment, now: datetime) -> Choice | None:
        """The choice of the first rule that matches; None if none does. Raises PlaceNotLocatedError."""
        if not self.rules:
            return None
        rule = first_match(self.rules, self.situation(assignment, now), self.report)
        return Choice(rule.to, rule.because.model_dump(), rule.name, self.version) if rule else None

    def situation(self, assignment: Assignment, at: datetime) -> Situation:
        """What rules may ask of a request."""
        service = self.directory.services.get(assignment.service)
        return Situation(
            service=assignment.service,
            category=service.category if service else "",
            kind=assignment.kind,
            district=assignment.district,
            facts=assignment.facts,
            channel=assignment.channel,
            at=at,
            areas=lambda: self._areas_of(assignment.id, assignment.sealed_point),
        )

    def would_go(self, rules: Sequence[PreparedRule], situation: Situation, report: Report) -> tuple[str, str | None]:
        """The department that these rules, and then the service's own, choose; and the name of the rule of the set."""
        rule = first_match(rules, situation, report)
        if rule is not None:
            return rule.to, rule.name
        service = self.directory.services.get(situation.service)
        facts = {"district": situation.district, **situation.facts}
        choice = choose(service.department, facts) if service else None
        known = choice is not None and choice.department in self.directory.departments
        return (choice.department if choice and known else TRIAGE), None

    def report(self, rule: PreparedRule, problem: str) -> None:
        """Count a rule that was skipped, and log it once for each version."""
        RULES_SKIPPED.inc()
        self._log_once(rule, problem)

    def _log_once(self, rule: PreparedRule, problem: str) -> None:
        key = (self.version, rule.name, problem)
        if key not in self._reported:
            self._reported.add(key)
            log.warning("routing.rule_skipped", version=self.version, rule=rule.name, problem=problem)
