"""Which actor may take which action: anybody of the department, except where only the head or an authority decides.

An officer with an interest in a request may take none: for that account it does not exist from then on.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.routing.models.assignment import DEPARTMENT_ACTIONS, MAX_NOTES, MAX_PARTS, Assignment
from shared.errors import ForbiddenError
from shared.events import RequestAssigned, RequestRecused
from shared.events.routing import ActorKind
from shared.records import Records
from shared.rights import IN_DEPARTMENT, Role

RESERVED = ("accept", "transfer", "resolve")
"""Actions that only the head may take after a dispute, and only the authority's deciders in an appeal."""
DECIDERS: dict[bool, frozenset[Role]] = {
    False: frozenset({Role.HEAD}),
    True: frozenset({Role.HEAD, Role.APPELLATE}),
}
"""The roles that may decide, by whether it is an appeal. A person must decide a dispute, so a department's own
software may not: it has the rights of an officer."""


KINDS: dict[Role, ActorKind] = {Role.HEAD: "head", Role.APPELLATE: "authority", Role.DEPARTMENT: "software"}


@dataclass(frozen=True)
class Actor:
    """The account that acts, its department and its role."""

    id: str
    department: str
    role: Role = Role.DEPARTMENT
    language: str = "en"
    caused_by: str | None = None
    """The message_id of the action, if department's software sent one."""

    @property
    def kind(self) -> ActorKind:
        """The kind of actor, for departments that do not know the account."""
        return KINDS.get(self.role, "officer")

    def event_fields(self, assignment: Assignment) -> dict[str, Any]:
        """The fields of every event of what this actor does with the assignment."""
        return assignment.event_fields(self.id) | {"actor_kind": self.kind, "caused_by": self.caused_by}


def require_decider(assignment: Assignment, action: str, actor: Actor) -> None:
    """Raise ForbiddenError if this actor may not take the action.

    Only the head decides after a dispute, only the deciders of the authority in an appeal, and nobody who acted on what
    is disputed or appealed against.
    """
    appeal = assignment.is_appeal
    if actor.id in assignment.barred:
        raise ForbiddenError("barred")
    if action not in RESERVED or not (appeal or assignment.for_head):
        return
    if actor.role not in DECIDERS[appeal]:
        raise ForbiddenError("appellate-only" if appeal else "head-only")
    if actor.id in assignment.resolvers:
        raise ForbiddenError("barred")


def possible(assignment: Assignment, actor: Actor, now: datetime) -> list[str]:
    """The actions that this actor can take now, for clients that show buttons."""
    actions = [action for action in DEPARTMENT_ACTIONS if assignment.can(action) and _may(assignment, action, actor)]
    if assignment.open_parts:
        actions = [action for action in actions if action != "resolve"]
    return [action for action in actions if action != "delay" or assignment.may_delay(now)]


def at_desk(assignment: Assignment, actor: Actor) -> list[str]:
    """What this actor can do with it inside the department. The department's software is no officer."""
    if actor.id in assignment.barred:
        return []
    person, here = actor.role in IN_DEPARTMENT, assignment.can("recuse")
    can_assign = assignment.can("assign") and assignment.has_room_for("assign")
    offered = {
        "claim": can_assign and person and assignment.taken_by != actor.id,
        "assign": can_assign,
        "release": can_assign and assignment.taken_by is not None,
        "part": assignment.can("ask_part") and len(assignment.parts) < MAX_PARTS,
        "note": here and person and len(assignment.notes) < MAX_NOTES,
        "recuse": here and person,
    }
    return [action for action, can in offered.items() if can]


def acceptable(assignment: Assignment, actor: Actor) -> bool:
    """Whether this actor may accept it now. Needs no history, because lists do not read it."""
    return assignment.can("accept") and _may(assignment, "accept", actor)


def _may(assignment: Assignment, action: str, actor: Actor) -> bool:
    if not assignment.has_room_for(action):
        return False
    try:
        require_decider(assignment, action, actor)
    except ForbiddenError:
        return False
    return True


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
