"""What administrators see of rules, trials and areas."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from services.routing.rules import schemas
from services.routing.rules.models.area import MappedArea
from services.routing.rules.models.versions import RuleSet, RuleVersion
from services.routing.rules.service.in_force import RulesInForce
from services.routing.rules.service.trying import Move, RuleTrial
from services.routing.service.colleagues import StaffNames
from services.routing.service.views import person
from shared.paging import time_text


class RuleViews:
    """Shows the rule set with the problems of its rules, and the names of those who wrote it."""

    def __init__(self, in_force: RulesInForce, colleagues: StaffNames) -> None:
        self._in_force, self._colleagues = in_force, colleagues

    async def whole(self, stored: RuleSet, language: str) -> schemas.RuleSetWhole:
        """The rule set in force and its draft."""
        accounts = [account for account in (stored.published_by, stored.draft.get("by")) if account]
        names = await self._colleagues.names(accounts, language)
        return {
            "version": stored.version,
            "rules": stored.in_force.rules,
            "published_at": time_text(stored.published_at),
            "published_by": person(stored.published_by, names),
            "problems": await self._problems(stored.in_force.rules),
            "draft": await self._draft(stored, names),
        }

    async def version_lines(self, versions: Sequence[RuleVersion], language: str) -> list[schemas.RuleVersionLine]:
        """Published versions, each with the administrator who published it."""
        names = await self._colleagues.names([one.published_by for one in versions if one.published_by], language)
        return [
            {
                "version": one.number,
                "published_at": time_text(one.published_at),
                "published_by": person(one.published_by, names),
                "count": len(one.rules),
            }
            for one in versions
        ]

    async def _draft(self, stored: RuleSet, names: Mapping[str, str]) -> schemas.RuleDraft | None:
        draft, rules = stored.draft, stored.draft_rules
        if rules is None:
            return None
        return {
            "rules": rules,
            "tried": draft["tried"],
            "by": {"id": draft["by"], "name": names.get(draft["by"])},
            "at": time_text(draft["at"]),
            "problems": await self._problems(rules),
        }

    async def _problems(self, rules: Sequence[Any]) -> list[schemas.RuleProblem]:
        prepared = await self._in_force.prepared(rules)
        return [{"rule": one.name, "problem": one.problem} for one in prepared if one.problem]


def trial_view(trial: RuleTrial) -> schemas.RuleTried:
    """The result of a trial."""
    return {
        "tried": trial.tried,
        "moved": [move_view(move) for move in trial.moves],
        "chosen_by": dict(trial.chosen_by.most_common()),
        "problems": [{"rule": rule, "problem": problem} for rule, problem in trial.skipped.items()],
    }


def move_view(move: Move) -> schemas.RuleMove:
    """A request that would go elsewhere."""
    situation = move.case.situation
    shown: schemas.RuleMove = {
        "service": situation.service,
        "district": situation.district,
        "at": time_text(situation.at),
        "from": {"department": move.before, "rule": move.before_rule},
        "to": {"department": move.after, "rule": move.after_rule},
    }
    if move.case.number is not None:
        shown["number"] = move.case.number
    if move.case.row is not None:
        shown["row"] = move.case.row
    return shown


def area_line(area: MappedArea, used: Collection[str]) -> schemas.AreaLine:
    """An area without its shape."""
    return {
        "code": area.code,
        "name": {"en": area.name["en"], "ur": area.name["ur"]},
        "points": area.points,
        "used": area.code in used,
        "changed_at": time_text(area.changed_at),
    }


def area_whole(area: MappedArea, used: Collection[str]) -> schemas.AreaWhole:
    """An area with its shape."""
    shape: schemas.AreaShape = {"type": area.shape["type"], "coordinates": area.shape["coordinates"]}
    return {**area_line(area, used), "shape": shape}
