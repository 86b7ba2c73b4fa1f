"""Reading what the database says of how it answers."""

from typing import Any


def stages_of(plan: Any) -> set[str]:
    """The stages of a plan, all the way down."""
    if isinstance(plan, list):
        return set().union(*map(stages_of, plan))
    if not isinstance(plan, dict):
        return set()
    below = stages_of(list(plan.values()))
    return below | {plan["stage"]} if "stage" in plan else below


def examined(plan: dict[str, Any]) -> int:
    """How many documents were looked at."""
    return int(plan["executionStats"]["totalDocsExamined"])
