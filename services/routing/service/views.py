"""The representations of an assignment for officers."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from services.routing import schemas
from services.routing.models.assignment import Assignment
from services.routing.models.worklist import clock_of
from services.routing.service.deciding import Actor, acceptable, at_desk, possible
from shared.paging import time_text
from shared.seal import KeyRing, SealPurpose

PURPOSES = {
    "ask": SealPurpose.REQUEST_QUESTION,
    "progress": SealPurpose.REQUEST_NOTE,
    "resolve": SealPurpose.REQUEST_REPLY,
    "delay": SealPurpose.REQUEST_REASON,
    "transfer": SealPurpose.REQUEST_REASON,
}
MORE = (
    "because", "reason", "outcome", "into", "copied", "level", "official", "rule", "rules_version",
    "officer", "deputy_for", "part", "part_department", "part_state",
)  # fmt: skip
"""Fields of some steps, shown as they are."""
Names = Mapping[str, str]
"""Names of staff, by account."""


def detail(
    assignment: Assignment, actor: Actor, keys: KeyRing, names: Names, now: datetime, *, wants_evidence: bool
) -> schemas.AssignmentDetails:
    """The whole assignment, and what the officer may do now. `wants_evidence`: its service requires evidence."""
    return {
        **list_item(assignment, actor, names, now),
        "because": assignment.because.get(actor.language),
        "history": [step(assignment.id, entry, keys, names) for entry in assignment.history],
        "actions": [*possible(assignment, actor, now), *at_desk(assignment, actor)],
        "evidence_wanted": wants_evidence and not assignment.is_appeal and not assignment.evidence,
    }


def step(number: str, entry: dict[str, Any], keys: KeyRing, names: Names) -> schemas.AssignmentStep:
    """A step of the history, with the department's own words."""
    shown: dict[str, Any] = {
        "n": entry["n"],
        "action": entry["action"],
        "by": entry["by"],
        "by_name": names.get(entry["by"]),
        "at": time_text(entry["at"]),
        "from": entry["from"],
        "to": entry["to"],
        "department": entry["department"],
    }
    shown |= {name: entry[name] for name in MORE if name in entry}
    shown |= {name: time_text(entry[name]) for name in ("due_at", "until") if name in entry}
    if "officer" in entry:
        shown["officer_name"] = names.get(entry["officer"])
    if "sealed_words" in entry:
        shown["words"] = keys.unseal(entry["sealed_words"], PURPOSES[entry["action"]], owner=number)
    return cast(schemas.AssignmentStep, shown)


def transferred(
    number: str, step: dict[str, Any], department_name: str, keys: KeyRing, names: Names
) -> schemas.TransferredAway:
    """A transfer, for the department that had the request before. The reason is gone once it is anonymised."""
    sealed = step.get("sealed_words")
    return {
        "number": number,
        "at": time_text(step["at"]),
        "by": step["by"],
        "by_name": names.get(step["by"]),
        "to": step["department"],
        "to_name": department_name,
        "reason": keys.unseal(sealed, SealPurpose.REQUEST_REASON, owner=number) if sealed else None,
    }


def list_item(assignment: Assignment, actor: Actor, names: Names, now: datetime) -> schemas.AssignmentLine:
    """An assignment as a line of the actor's list."""
    return {
        "number": assignment.id,
        "service": assignment.service,
        "kind": assignment.kind,
        "district": assignment.district,
        "department": assignment.department,
        "state": str(assignment.state),
        "clock": clock_of(assignment, now),
        "routed_at": time_text(assignment.routed_at),
        "respond_by": time_text(assignment.respond_by),
        "responded_at": time_text(assignment.responded_at),
        "due_at": time_text(assignment.due_at),
        "paused_since": time_text(assignment.paused_at),
        "delayed_until": time_text(assignment.delayed_until),
        "interim_replies": len(assignment.interim_replies),
        "owes_new_date": assignment.runs and assignment.owes_new_date(now),
        "escalation_level": assignment.level,
        "escalated_to": assignment.escalated_to,
        "resolved_at": time_text(assignment.resolved_at),
        "outcome": assignment.outcome,
        "for_head": assignment.for_head,
        "copied": assignment.copied,
        "open_parts": len(assignment.open_parts),
        "with": person(assignment.taken_by, names),
        "acceptable": acceptable(assignment, actor),
        "etag": etag(assignment.rev),
        "details": f"/api/v1/requests/{assignment.id}",
    }


def person(account: str | None, names: Names) -> schemas.Worker | None:
    """The officer who works on it; None while nobody does."""
    return {"id": account, "name": names.get(account)} if account else None


def etag(rev: int) -> str:
    """The strong ETag of a revision, as `If-Match` names it."""
    return f'"{rev}"'
