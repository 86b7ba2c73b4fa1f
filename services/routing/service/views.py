"""What officers see of an assignment."""

from typing import Any

from services.routing import schemas
from services.routing.models.assignment import Assignment
from services.routing.service.acting import Actor, possible
from shared.paging import time_text
from shared.seal import KeyRing

PLACES = {"ask": "request.question", "progress": "request.note", "resolve": "request.reply"}


def whole(assignment: Assignment, actor: Actor, keys: KeyRing, language: str) -> schemas.Whole:
    """All of it, and what the officer may do now."""
    return {
        **line(assignment),
        "because": assignment.because.get(language),
        "history": [step(assignment.id, entry, keys) for entry in assignment.history],
        "actions": possible(assignment, actor),
    }


def step(number: str, entry: dict[str, Any], keys: KeyRing) -> schemas.Step:
    """A step of the history, with what the department itself wrote."""
    shown: schemas.Step = {
        "n": entry["n"],
        "action": entry["action"],
        "by": entry["by"],
        "at": time_text(entry["at"]),
        "from": entry["from"],
        "to": entry["to"],
        "department": entry["department"],
    }
    for name in ("because", "reason", "outcome", "copied"):
        if name in entry:
            shown[name] = entry[name]
    if "due_at" in entry:
        shown["due_at"] = time_text(entry["due_at"])
    if "sealed_words" in entry:
        shown["words"] = keys.unseal(entry["sealed_words"], PLACES[entry["action"]], of=number)
    return shown


def line(assignment: Assignment) -> schemas.Line:
    """An assignment as a line of a list."""
    return {
        "number": assignment.id,
        "service": assignment.service,
        "kind": assignment.kind,
        "district": assignment.district,
        "department": assignment.department,
        "state": str(assignment.state),
        "routed_at": time_text(assignment.routed_at),
        "respond_by": time_text(assignment.respond_by),
        "due_at": time_text(assignment.due_at),
        "paused_since": time_text(assignment.paused_at),
        "outcome": assignment.outcome,
        "for_head": assignment.for_head,
        "copied": assignment.copied,
        "details": f"/api/v1/requests/{assignment.id}",
    }
