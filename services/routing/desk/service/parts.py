"""Parts of the work: a department asks another for one, and its own request waits for it."""

import secrets
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from services.routing.desk.store.desk import DeskStore
from services.routing.directory import Directory
from services.routing.models.acts import day_only
from services.routing.models.assignment import MAX_PARTS, Assignment
from services.routing.models.clock import MAX_DELAY
from services.routing.models.directory import DepartmentRecord
from services.routing.service.deciding import Actor
from services.routing.service.routing import RequestRouter, emit_part_change
from shared.errors import ConflictError, InvalidError, NotFoundError, field_error
from shared.events import RequestPartAsked
from shared.jsonbody import Body
from shared.seal import KeyRing, SealPurpose
from shared.spelling import AS_TEXT
from shared.transitions import TransitionRefusedError

Text = Annotated[str, Field(min_length=1, max_length=2000), AS_TEXT]
MAX_LISTED = 200
PartState = Literal["asked", "accepted", "done", "refused", "cancelled"]
Answer = Literal["accepted", "done", "refused"]
OPEN_PARTS: tuple[PartState, ...] = ("asked", "accepted")
"""The states of a part that is not over."""
BEFORE: Mapping[PartState, tuple[PartState, ...]] = {
    "accepted": ("asked",),
    "done": OPEN_PARTS,
    "refused": OPEN_PARTS,
    "cancelled": OPEN_PARTS,
}
"""The states from which a part gets into each state."""


class AskPart(Body):
    """A part of the work: which department does what by which day."""

    department: Annotated[str, Field(min_length=2, max_length=60)]
    task: Annotated[Text, Field(description="what it is to do; it sees nothing else of what the citizen filed")]
    due: Annotated[date, Field(strict=False, description="a day, in Pakistan"), BeforeValidator(day_only)]


class PartAnswer(Body):
    """What became of the part, in words."""

    words: Annotated[Text | None, Field(description="what was done; needed for a refusal: why not")] = None


class Parts:
    """Asks for parts of the work and answers them. Changes records in memory; writes nothing."""

    def __init__(self, directory: Directory, router: RequestRouter, desk: DeskStore, keys: KeyRing) -> None:
        self._directory = directory
        self._router = router
        self._desk = desk
        self._keys = keys

    async def asked_of(
        self, department: str, states: list[str], reader: str, since: datetime | None
    ) -> list[tuple[Assignment, dict[str, Any]]]:
        """The parts that a department was asked for, due soonest first, each with its request.

        With `since`: those that were asked or changed then or later, changed longest ago first.
        """
        found = await self._desk.with_parts_of(department, states, reader, MAX_LISTED, since)
        parts = [(one, part) for one in found for part in one.parts if part["department"] == department]
        wanted = [(one, part) for one, part in parts if part["state"] in states]
        if since is None:
            return sorted(wanted, key=lambda pair: pair[1]["due_at"])
        later = [one for one in wanted if changed_at(one[1]) >= since]
        return sorted(later, key=lambda pair: changed_at(pair[1]))[:MAX_LISTED]

    def ask(self, assignment: Assignment, asked: AskPart, actor: Actor, now: datetime) -> None:
        """Ask another department. Raises TransitionRefusedError, ConflictError, InvalidError."""
        if not assignment.can("ask_part"):
            raise TransitionRefusedError(state=str(assignment.state))
        if len(assignment.parts) >= MAX_PARTS:
            raise ConflictError("too-many-parts", most=MAX_PARTS)
        due_at = self._due(asked, actor, now)
        target = self._target(assignment, asked.department, actor)
        part_id = secrets.token_hex(16)
        task = self._keys.seal(asked.task, SealPurpose.REQUEST_NOTE, owner=assignment.id)
        entry = {"id": part_id, "department": target.id, "asking": assignment.department, "by": actor.id, "at": now}
        assignment.parts = [*assignment.parts, {**entry, "sealed_task": task, "due_at": due_at, "state": "asked"}]
        assignment.take("ask_part", now, by=actor.id, part=part_id, part_department=target.id)
        event = RequestPartAsked(
            **actor.event_fields(assignment),
            part=part_id,
            to=target.id,
            task=task,
            due_at=due_at,
            service=assignment.service,
            service_name=self._directory.services[assignment.service].name,
            district=assignment.district,
            details=f"/api/v1/parts/{assignment.id}/{part_id}",
        )
        assignment.emit(event, now, queue=assignment.queue, second_queue=target.queue)

    def _target(self, assignment: Assignment, code: str, actor: Actor) -> DepartmentRecord:
        """The department that is asked. Raises InvalidError."""
        target = self._directory.departments.get(code)
        if target is None:
            raise InvalidError(errors=[field_error("/department", "department", actor.language)])
        if target.id == assignment.department or target.id in assignment.barred_departments:
            raise InvalidError(errors=[field_error("/department", "department_unfit", actor.language)])
        return target

    def _due(self, asked: AskPart, actor: Actor, now: datetime) -> datetime:
        due_at = self._router.end_of_day(asked.due)
        if not now < due_at <= now + MAX_DELAY:
            raise InvalidError(errors=[field_error("/due", "part_due", actor.language)])
        return due_at

    def answer(
        self, assignment: Assignment, part_id: str, answer: Answer, words: str | None, actor: Actor, now: datetime
    ) -> None:
        """Accept, do or refuse a part that the actor's department was asked for.

        Raises NotFoundError, ConflictError, InvalidError.
        """
        part = part_of(assignment, part_id)
        if part["department"] != actor.department:
            raise NotFoundError
        if answer == "refused" and not words:
            raise InvalidError(errors=[field_error("/words", "required", actor.language)])
        self._change(assignment, part, answer, words, actor, now)

    def cancel(self, assignment: Assignment, part_id: str, actor: Actor, now: datetime) -> None:
        """Cancel a part that the actor's department asked for. Raises NotFoundError, ConflictError."""
        if assignment.department != actor.department:
            raise NotFoundError
        self._change(assignment, part_of(assignment, part_id), "cancelled", None, actor, now)

    def _change(
        self,
        assignment: Assignment,
        part: dict[str, Any],
        state: PartState,
        words: str | None,
        actor: Actor,
        now: datetime,
    ) -> None:
        if part["state"] not in BEFORE[state] or not assignment.can("change_part"):
            raise ConflictError("part-over")
        sealed = self._keys.seal(words, SealPurpose.REQUEST_NOTE, owner=assignment.id) if words else None
        assignment.change_part(part["id"], state, now, by=actor.id, words=sealed)
        emit_part_change(assignment, part["id"], now, by=actor.id, kind=actor.kind)


def changed_at(part: Mapping[str, Any]) -> datetime:
    """When a part was asked or changed last."""
    at: datetime = part.get("changed_at") or part["at"]
    return at


def part_of(assignment: Assignment, part_id: str) -> dict[str, Any]:
    """A part of the request. Raises NotFoundError."""
    found = [part for part in assignment.parts if part["id"] == part_id]
    if not found:
        raise NotFoundError
    return found[0]
