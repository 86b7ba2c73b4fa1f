"""Internal notes on a request: for the colleagues of the department that wrote them, never for anybody else."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from services.routing.desk.models.team import Team, may_have
from services.routing.desk.service.assigning import AccountId
from services.routing.models.assignment import MAX_NOTES, Assignment
from services.routing.service.deciding import Actor
from shared.errors import ConflictError, InvalidError, field_error
from shared.events import RequestMentioned
from shared.jsonbody import Body
from shared.seal import KeyRing, SealPurpose
from shared.spelling import AS_TEXT
from shared.transitions import TransitionRefusedError


class Note(Body):
    """A note, and the colleagues who are told of it."""

    text: Annotated[str, Field(min_length=1, max_length=2000), AS_TEXT]
    mentions: Annotated[
        list[AccountId],
        Field(max_length=10, default_factory=list, description="accounts of colleagues; each gets a message"),
    ]


def add_note(assignment: Assignment, note: Note, team: Team, actor: Actor, keys: KeyRing, now: datetime) -> None:
    """Add a note. Raises TransitionRefusedError, ConflictError, InvalidError."""
    if not assignment.can("recuse"):  # it is over; nothing would erase a note that came after its erasure
        raise TransitionRefusedError(state=str(assignment.state))
    if len(assignment.notes) >= MAX_NOTES:
        raise ConflictError("too-many-notes", most=MAX_NOTES)
    mentioned = list(dict.fromkeys(note.mentions))
    if any(one not in team.members or not may_have(assignment, one) for one in mentioned):
        raise InvalidError(errors=[field_error("/mentions", "colleague", actor.language)])
    sealed = keys.seal(note.text, SealPurpose.REQUEST_INTERNAL_NOTE, owner=assignment.id)
    entry = {"id": secrets.token_hex(16), "department": actor.department, "by": actor.id, "at": now}
    assignment.notes = [*assignment.notes, {**entry, "sealed_text": sealed, "mentions": mentioned}]
    if mentioned:
        fields = actor.event_fields(assignment)
        assignment.emit(RequestMentioned(**fields, officers=mentioned), now)


def notes_of(assignment: Assignment, department: str) -> list[Mapping[str, Any]]:
    """The notes that a department wrote, newest first; those of departments before it stay theirs."""
    return [note for note in reversed(assignment.notes) if note["department"] == department]
