"""Who may do what with an assignment: anybody of its department, but for what only people in charge may decide."""

from dataclasses import dataclass

from services.routing.models.assignment import DEPARTMENT_ACTIONS, Assignment
from shared.errors import ForbiddenError
from shared.rights import Role

RESERVED = ("accept", "transfer", "resolve")
"""What only the head may do after a dispute, and only the authority's deciders with an appeal."""
DECIDERS: dict[bool, frozenset[Role]] = {
    False: frozenset({Role.HEAD}),
    True: frozenset({Role.HEAD, Role.APPELLATE}),
}
"""Who may, without and with an appeal. They are people: a citizen who disputes is owed a person's decision, so a
department's own software may do what an officer may and no more."""


class HeadOnlyError(ForbiddenError):
    """It was disputed: the head of the department has it."""

    code = "head-only"


class AppellateOnlyError(ForbiddenError):
    """It is an appeal: who decides appeals has it."""

    code = "appellate-only"


class BarredError(ForbiddenError):
    """They acted on what is complained about."""

    code = "barred"


@dataclass(frozen=True)
class Actor:
    """Who acts, for which department, in which role."""

    id: str
    department: str
    role: Role = Role.DEPARTMENT
    language: str = "en"


def demand_decider(assignment: Assignment, action: str, actor: Actor) -> None:
    """Raise the problem that says who may, where this actor may not."""
    appeal = assignment.is_appeal
    if actor.id in assignment.barred:
        raise BarredError
    if action not in RESERVED or not (appeal or assignment.for_head):
        return
    if actor.role not in DECIDERS[appeal]:
        raise AppellateOnlyError if appeal else HeadOnlyError
    if actor.id in assignment.resolvers:
        raise BarredError


def possible(assignment: Assignment, actor: Actor) -> list[str]:
    """What this actor can do now, for clients that show buttons."""
    return [action for action in DEPARTMENT_ACTIONS if assignment.can(action) and _may(assignment, action, actor)]


def acceptable(assignment: Assignment, actor: Actor) -> bool:
    """Whether this actor may accept it now; asks nothing of its history, which lists do not read."""
    return assignment.can("accept") and _may(assignment, "accept", actor)


def _may(assignment: Assignment, action: str, actor: Actor) -> bool:
    if not assignment.has_room_for(action):
        return False
    try:
        demand_decider(assignment, action, actor)
    except ForbiddenError:
        return False
    return True
