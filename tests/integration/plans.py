"""Reads MongoDB's explanations of queries."""

from typing import Any


def stages_of(plan: Any) -> set[str]:
    """All stages of a plan."""
    if isinstance(plan, list):
        return set().union(*map(stages_of, plan))
    if not isinstance(plan, dict):
        return set()
    below = stages_of(list(plan.values()))
    return below | {plan["stage"]} if "stage" in plan else below


def examined(plan: dict[str, Any]) -> int:
    """The number of examined documents."""
    return int(plan["executionStats"]["totalDocsExamined"])
