"""What-if: which requests would go elsewhere under a draft than under the rules in force. Changes and sends nothing.

The trial uses the latest requests that routing stores, or invented ones from a CSV table.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.routing.rules.models.matching import PreparedRule, Situation, ask_for_areas
from services.routing.rules.models.rows import TriedRow
from services.routing.rules.service.in_force import RulesInForce
from services.routing.rules.store import PastRequests
from shared.errors import Mistake, MistakesError


@dataclass(frozen=True)
class Case:
    """A request that is tried; `number` names one that is stored, `row` one of a table."""

    situation: Situation
    number: str | None = None
    row: int | None = None


@dataclass(frozen=True)
class Move:
    """A request that would go elsewhere, with the rule of each set that decides; None: the service's own rules."""

    case: Case
    before: str
    before_rule: str | None
    after: str
    after_rule: str | None


@dataclass
class RuleTrial:
    """The result: how many were tried, which would move, how many each rule of the draft would choose for."""

    tried: int = 0
    moves: list[Move] = field(default_factory=list)
    chosen_by: Counter[str] = field(default_factory=Counter)
    skipped: dict[str, str] = field(default_factory=dict)
    """Rules of the draft that could not be applied, by name, with the problem."""

    def note_skipped(self, rule: PreparedRule, problem: str) -> None:
        """Note a rule of the draft that was skipped."""
        self.skipped[rule.name] = problem


class RuleTrials:
    """Runs trials."""

    def __init__(self, in_force: RulesInForce, past: PastRequests) -> None:
        self._in_force, self._directory, self._past = in_force, in_force.directory, past

    async def latest(self, rules: Sequence[Any], limit: int) -> RuleTrial:
        """Try rules on the requests that were routed last."""
        await self._in_force.refresh()
        draft = await self._in_force.prepared(rules)
        found = await self._past.latest(list(self._directory.departments), limit)
        if ask_for_areas(draft) or self._in_force.asks_for_areas:
            await self._in_force.look_up((one.id, one.sealed_point) for one in found if one.sealed_point)
        cases = [
            Case(self._in_force.situation(one, one.routed_at), number=one.id)
            for one in found
            if one.routed_at is not None
        ]
        return self._compare(draft, cases)

    async def rows(self, rules: Sequence[Any], rows: Sequence[TriedRow], first: int, now: datetime) -> RuleTrial:
        """Try rules on rows of a table; `first` is the number of the first. Raises MistakesError."""
        await self._in_force.refresh()
        draft = await self._in_force.prepared(rules)
        unknown = [n for n, row in enumerate(rows) if row.service not in self._directory.services]
        if unknown:
            raise MistakesError([Mistake(f"/rows/{n}/service", "service") for n in unknown])
        places = iter(await self._in_force.areas.around([row.point for row in rows if row.point]))
        located = [next(places) if row.point else frozenset() for row in rows]
        return self._compare(
            draft,
            [
                Case(self._situation(row, areas, now), row=first + n)
                for n, (row, areas) in enumerate(zip(rows, located, strict=True))
            ],
        )

    def _situation(self, row: TriedRow, areas: frozenset[str], now: datetime) -> Situation:
        service = self._directory.services[row.service]
        return Situation(
            service=row.service,
            category=service.category,
            kind=service.kind,
            district=row.district,
            facts=row.answers,
            channel=row.channel,
            at=row.at or now,
            areas=lambda: areas,
        )

    def _compare(self, draft: Sequence[PreparedRule], cases: Sequence[Case]) -> RuleTrial:
        trial, in_force = RuleTrial(), self._in_force
        for case in cases:
            before, before_rule = in_force.would_go(in_force.rules, case.situation, in_force.report)
            after, after_rule = in_force.would_go(draft, case.situation, trial.note_skipped)
            trial.tried += 1
            if after_rule is not None:
                trial.chosen_by[after_rule] += 1
            if before != after:
                trial.moves.append(Move(case, before, before_rule, after, after_rule))
        return trial
