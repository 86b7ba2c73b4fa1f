"""The history of a request as its department reads it.

The department's own steps are in the assignment at once, and in the request a moment later. The same step has the same
time in both. If their names differ, that of the request is shown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Step = Mapping[str, Any]
REQUEST_NAMES = {
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
"""The names in a request's history of steps that have another name in the assignment."""
OWN = frozenset({"accept", "ask", "progress", "transfer", "resolve", "delay"})
"""Steps that a department takes itself."""
CLOCK_MARKS = frozenset({"due_soon", "overdue", "escalate"})
INSIDE = frozenset({"assign", "release", "recuse", "ask_part", "change_part"})
"""Steps that only the assignment has: no citizen is told of them."""
OTHERS = ("citizen", "routing", "clock", "rules", "authority")


def as_entry(step: Step) -> dict[str, Any]:
    """A step of an assignment as an entry of the request's history."""
    who = step["by"] if step["by"] in OTHERS else "department"
    because = {"because": None} if "because" in step else {}
    return {**step, "action": REQUEST_NAMES.get(step["action"], step["action"]), "who": who, **because}


def merged_history(request: Sequence[Step], assignment: Sequence[Step]) -> list[Step]:
    """The history of a request, followed by steps that only its assignment has so far."""
    known = {(step["at"], step["action"]) for step in request}
    newest = max((step["at"] for step in request), default="")
    fresh = [as_entry(step) for step in assignment if step["action"] in OWN and step["at"] > newest]
    return [*request, *(step for step in fresh if (step["at"], step["action"]) not in known)]


def with_steps_inside(history: Sequence[Step], assignment: Sequence[Step]) -> list[Step]:
    """A history with the steps inside the department, each where it belongs by its time."""
    inside = [as_entry(step) for step in assignment if step["action"] in INSIDE]
    return sorted([*history, *inside], key=lambda step: str(step["at"]))


def steps_after(history: Sequence[Step], seen: int) -> list[dict[str, Any]]:
    """The steps after the first `seen` ones, in the form of a request's history."""
    later = [step for step in history if step["n"] > seen and not is_clock_mark(step)]
    return [dict(step) if "who" in step else as_entry(step) for step in later]


def is_clock_mark(step: Step) -> bool:
    """Whether the due date alone caused this step, which changes nothing for an officer."""
    return step["action"] in CLOCK_MARKS


@dataclass(frozen=True, slots=True)
class Pauses:
    """How long the work waited for the citizen; `since` is the time of a question that is still open."""

    seconds: float = 0
    questions: int = 0
    since: str | None = None


def pauses_of(history: Sequence[Step]) -> Pauses:
    """How long the questions of an assignment were open."""
    states = ["", *(step["to"] for step in history)]
    opened = [step["at"] for before, step in zip(states, history, strict=False) if step["to"] == "questioned" != before]
    closed = [step["at"] for before, step in zip(states, history, strict=False) if before == "questioned" != step["to"]]
    seconds = sum(seconds_between(since, until) for since, until in zip(opened, closed, strict=False))
    return Pauses(seconds, len(opened), opened[-1] if len(closed) < len(opened) else None)


def seconds_between(earlier: str, later: str) -> float:
    """The seconds between two times of the API."""
    return (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds()


NEWS = ("answer", "dispute", "remit", "correct", "separate")
"""Steps that a department must read before it goes on."""


def news_of(history: Sequence[Step]) -> Step | None:
    """The newest step by citizen or authority since the department's own last step."""
    for step in reversed(history):
        if step["action"] in NEWS:
            return step
        if step["who"] == "department":
            return None
    return None
