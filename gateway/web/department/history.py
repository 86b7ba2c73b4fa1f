"""The history of a request as its department reads it.

The department's own steps are known to the assignment at once, and to the request a moment later. Both speak of the
same step by the same time; where they call it differently, the request's name counts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Step = Mapping[str, Any]
CALLED = {
    "ask": "question",
    "answered": "answer",
    "disputed": "dispute",
    "appealed": "appeal",
    "remitted": "remit",
    "appeal_decided": "decide_appeal",
    "decided": "close",
    "confirmed": "confirm",
    "lapsed": "lapse",
    "withdrawn": "withdraw",
    "merged": "mark_duplicate",
    "separated": "unmark_duplicate",
}
"""Steps of an assignment that a request calls by another name."""
OURS = frozenset({"accept", "ask", "progress", "transfer", "resolve"})
"""What a department does itself."""
OTHERS = ("citizen", "routing", "clock", "rules", "authority")


def as_entry(step: Step) -> dict[str, Any]:
    """A step of an assignment as an entry of the request's history."""
    by = step["by"]
    because = {"because": None} if "because" in step else {}
    return {**step, "action": CALLED.get(step["action"], step["action"]), "who": actor(by), **because}


def actor(account: str) -> str:
    """Who an account stands for, in the words of a request's history."""
    return account if account in OTHERS else "department"


def merged_history(request: Sequence[Step], assignment: Sequence[Step]) -> list[Step]:
    """The history of a request, and after it what only its assignment knows yet."""
    known = {(step["at"], step["action"]) for step in request}
    newest = max((step["at"] for step in request), default="")
    fresh = [as_entry(step) for step in assignment if step["action"] in OURS and step["at"] > newest]
    return [*request, *(step for step in fresh if (step["at"], step["action"]) not in known)]


def steps_after(history: Sequence[Step], seen: int) -> list[dict[str, Any]]:
    """What was done since so many steps were seen, of an assignment or of a request."""
    return [dict(step) if "who" in step else as_entry(step) for step in history if step["n"] > seen]


@dataclass(frozen=True, slots=True)
class Pauses:
    """How long the work waited for the citizen; `since` is when a question was asked that waits still."""

    seconds: float = 0
    questions: int = 0
    since: str | None = None


def pauses_of(history: Sequence[Step]) -> Pauses:
    """How long the questions of an assignment waited for their answers."""
    states = ["", *(step["to"] for step in history)]
    asked = [step["at"] for before, step in zip(states, history, strict=False) if step["to"] == "questioned" != before]
    over = [step["at"] for before, step in zip(states, history, strict=False) if before == "questioned" != step["to"]]
    seconds = sum(seconds_between(since, until) for since, until in zip(asked, over, strict=False))
    return Pauses(seconds, len(asked), asked[-1] if len(over) < len(asked) else None)


def seconds_between(earlier: str, later: str) -> float:
    """How long it is from one time of the API to another."""
    return (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds()


HEARD = ("answer", "dispute", "remit", "correct", "separate")
"""What a department has to read before it goes on."""


def news_of(history: Sequence[Step]) -> Step | None:
    """What citizen or authority said since the department's own last step, newest first."""
    for step in reversed(history):
        if step["action"] in HEARD:
            return step
        if step["who"] == "department":
            return None
    return None
