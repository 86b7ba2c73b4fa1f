"""An officer with an interest in a request: for that account it does not exist from then on."""

from collections.abc import Iterable
from datetime import datetime

from services.routing.models.assignment import Assignment
from shared.events import RequestAssigned, RequestRecused
from shared.events.routing import ActorKind
from shared.records import Records


def hide(assignment: Assignment, officer: str, now: datetime, *, by: str, actor_kind: ActorKind | None = None) -> None:
    """Hide it from the officer, and tell the other services; nobody is responsible for it if the officer was."""
    fields = assignment.event_fields(by) | {"actor_kind": actor_kind}
    assignment.hidden_from = [*dict.fromkeys([*assignment.hidden_from, officer])]
    if assignment.can("recuse"):
        assignment.take("recuse", now, by=by, officer=officer)
    assignment.emit(RequestRecused(**fields, officer=officer), now)
    if assignment.taken_by == officer:
        assignment.taken_by = None
        assignment.tell(RequestAssigned(**fields, officer=None), now)


async def is_hidden(assignments: Records[Assignment], assignment: Assignment, officer: str) -> bool:
    """Whether the officer has an interest in it, or in the one into which it was merged."""
    if officer in assignment.hidden_from:
        return True
    last = assignment.history[-1] if assignment.history else {}
    into = last.get("into") if last.get("action") == "merged" else None
    primary = await assignments.get(into) if into else None
    return primary is not None and officer in primary.hidden_from


def hide_as_before(assignment: Assignment, officers: Iterable[str] | None, now: datetime, *, by: str) -> None:
    """Hide it also from those who have an interest in another request that it decides."""
    for officer in officers or ():
        if officer not in assignment.hidden_from:
            hide(assignment, officer, now, by=by)
