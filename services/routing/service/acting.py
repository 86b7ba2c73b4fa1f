"""What a department does with an assignment: accept, ask, progress, transfer, resolve. Over AMQP or HTTP alike."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from services.routing.directory import Directory, NotYetKnownError
from services.routing.models.assignment import Assignment, TransitionRefusedError
from services.routing.service.routing import Router
from shared import events
from shared.errors import ConflictError, InvalidError, NotFoundError, field_error
from shared.seal import KeyRing

Text = Annotated[str, Field(min_length=1, max_length=4000)]


class Act(BaseModel):
    """What all actions have: unknown fields are mistakes."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


class Accept(Act):
    """The department takes it on."""

    action: Literal["accept"] = "accept"


class Ask(Act):
    """Only the citizen knows this."""

    action: Literal["ask"] = "ask"
    question: Text


class Progress(Act):
    """Something was done."""

    action: Literal["progress"] = "progress"
    note: Text


class Transfer(Act):
    """It is another department's."""

    action: Literal["transfer"] = "transfer"
    to: Annotated[str, Field(min_length=2, max_length=60)]
    reason: Text


class Resolve(Act):
    """It is done, or cannot be: an outcome and a reply to the citizen."""

    action: Literal["resolve"] = "resolve"
    outcome: Literal["granted", "partly_granted", "not_granted"]
    reply: Annotated[str, Field(min_length=10, max_length=4000)]


AnyAct = Annotated[Accept | Ask | Progress | Transfer | Resolve, Field(discriminator="action")]
ACT: TypeAdapter[AnyAct] = TypeAdapter(AnyAct)


class EvidenceNeededError(ConflictError):
    """The service wants to see what was done before a request is resolved."""

    code = "evidence-needed"


class Acting:
    """Applies a department's actions to records; writes nothing itself."""

    def __init__(self, directory: Directory, router: Router, keys: KeyRing) -> None:
        self._directory = directory
        self._router = router
        self._keys = keys
        self._apply: dict[str, Callable[[Assignment, Any, datetime, str], None]] = {
            "accept": self._accept,
            "ask": self._ask,
            "progress": self._progress,
            "transfer": self._transfer,
            "resolve": self._resolve,
        }

    def act(self, assignment: Assignment | None, act: Act, *, department: str, by: str, now: datetime) -> None:
        """Apply `act` by `by` of `department`. Raises NotFoundError, TransitionRefusedError, InvalidError."""
        if assignment is None or assignment.department != department:
            raise NotFoundError
        name: str = act.action  # type: ignore[attr-defined]  # every Act has it, as a literal of its own
        if not assignment.can(name):
            raise TransitionRefusedError(state=str(assignment.state))
        self._apply[name](assignment, act, now, by)
        if assignment.responded_at is None:
            assignment.responded_at = now

    def _accept(self, assignment: Assignment, _: Accept, now: datetime, by: str) -> None:
        assignment.take("accept", now, by=by)
        assignment.emit(events.RequestAccepted(**self._who(assignment, by)), now)

    def _ask(self, assignment: Assignment, act: Ask, now: datetime, by: str) -> None:
        question = self._keys.seal(act.question, "request.question")
        assignment.take("ask", now, by=by, sealed_words=question)
        assignment.emit(events.RequestQuestioned(**self._who(assignment, by), question=question), now)

    def _progress(self, assignment: Assignment, act: Progress, now: datetime, by: str) -> None:
        note = self._keys.seal(act.note, "request.note")
        assignment.take("progress", now, by=by, sealed_words=note)
        assignment.emit(events.RequestProgressed(**self._who(assignment, by), note=note), now)

    def _resolve(self, assignment: Assignment, act: Resolve, now: datetime, by: str) -> None:
        if not assignment.evidence and self._directory.wants_evidence(assignment.service):
            raise EvidenceNeededError
        reply = self._keys.seal(act.reply, "request.reply")
        assignment.take("resolve", now, by=by, sealed_words=reply, outcome=act.outcome)
        assignment.outcome, assignment.resolved_at = act.outcome, now
        said = events.RequestResolved(**self._who(assignment, by), outcome=act.outcome, reply=reply)
        assignment.emit(said, now)

    def _transfer(self, assignment: Assignment, act: Transfer, now: datetime, by: str) -> None:
        try:
            target = self._directory.department(act.to)
        except NotYetKnownError:
            raise InvalidError(errors=[field_error("/to", "department", "en")]) from None
        if target.id == assignment.department:
            raise InvalidError(errors=[field_error("/to", "department", "en")])
        reason = self._keys.seal(act.reason, "request.reason")
        said = events.RequestTransferred(**self._who(assignment, by), to=target.id, reason=reason)
        because = {
            "en": f"Transferred by {self._name(assignment, 'en')}.",
            "ur": f"{self._name(assignment, 'ur')} نے منتقل کیا۔",
        }
        assignment.emit(said, now)
        self._router.hand_over(assignment, "transfer", target, because, now, by=by)

    def _name(self, assignment: Assignment, language: str) -> str:
        department = self._directory.departments.get(assignment.department or "")
        return department.name[language] if department else ""

    @staticmethod
    def _who(assignment: Assignment, by: str) -> dict[str, str]:
        return {"citizen_id": assignment.citizen_id, "department": assignment.department or "", "actor": by}
