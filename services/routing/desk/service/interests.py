"""Conflicts of interest: the officer cannot see the request; if a decider has one, it goes to the office above."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from services.routing.desk.models.team import Team
from services.routing.desk.service.assigning import AccountId
from services.routing.models.assignment import Assignment
from services.routing.models.reasons import ONE_LEVEL_UP
from services.routing.service.deciding import Actor, hide
from services.routing.service.routing import RequestRouter
from shared.errors import ForbiddenError, InvalidError, field_error
from shared.events import RequestTransferred
from shared.jsonbody import Body
from shared.rights import OVERSEERS, Role
from shared.seal import KeyRing, SealPurpose
from shared.transitions import TransitionRefusedError

DECIDERS = frozenset({Role.HEAD, Role.APPELLATE})


class Interest(Body):
    """An interest of the caller; a head may name an officer of the department instead."""

    officer: Annotated[AccountId | None, Field(description="for heads: the officer who has the interest")] = None


def declare_interest(
    assignment: Assignment, said: Interest, team: Team, by: Actor, router: RequestRouter, keys: KeyRing, now: datetime
) -> None:
    """Hide it from the officer; where a decider has the interest, it goes to the office above.

    Raises ForbiddenError, InvalidError, TransitionRefusedError.
    """
    officer = said.officer or by.id
    if officer != by.id and by.role not in OVERSEERS:
        raise ForbiddenError
    if officer != by.id and officer not in team.members:
        raise InvalidError(errors=[field_error("/officer", "colleague", by.language)])
    if not assignment.can("recuse"):
        raise TransitionRefusedError(state=str(assignment.state))
    hide(assignment, officer, now, by=by.id, actor_kind=by.kind)
    role = by.role if officer == by.id else team.members[officer].role
    if role in DECIDERS and assignment.can("transfer"):
        _send_up(assignment, by, router, keys, now)


def _send_up(assignment: Assignment, actor: Actor, router: RequestRouter, keys: KeyRing, now: datetime) -> None:
    fields = actor.event_fields(assignment)
    queue, asked = assignment.queue, assignment.question_open
    reason = keys.seal(f"{ONE_LEVEL_UP['en']} {ONE_LEVEL_UP['ur']}", SealPurpose.REQUEST_REASON, owner=assignment.id)
    above = router.above(assignment)
    if above is None:
        return
    event = RequestTransferred(**fields, to=above.id, reason=reason, question_open=asked or None)
    assignment.emit(event, now, queue=queue)
    assignment.barred_departments = [*assignment.barred_departments, assignment.department or ""]
    router.hand_over(
        assignment,
        "transfer",
        above,
        ONE_LEVEL_UP,
        now,
        by=actor.id,
        actor_kind=actor.kind,
        sealed_words=reason,
    )
