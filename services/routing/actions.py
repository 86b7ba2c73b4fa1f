"""Actions that a department's own software publishes to `rabta.actions`, taken in many at a time.

The broker guarantees the sender: it lets a department's users write no routing key but their department's (topic
permissions), and accepts the property `user_id` only when it is the connection's user. A refused action is answered
with a problem on the department's own queue, so that no action is lost silently.
"""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

import structlog
from pydantic import ValidationError

from services.routing.models.assignment import Assignment
from services.routing.service.acting import ACT, Acting, AnyAct
from services.routing.service.copies import CopiedReplies
from services.routing.service.deciding import Actor
from services.routing.store import AssignmentStore
from shared.bus import DONE, Delivery, Message, Outcome, Publisher, outcome_of, short_id
from shared.changing import ContendedError, attempts
from shared.clock import utc_now
from shared.department_users import department_of
from shared.errors import BadRequestError, InvalidError, Problem, UnavailableError, field_error, field_errors, say
from shared.jsonbody import MAX_BYTES, parse_object
from shared.spelling import code_of
from shared.tracking_number import read_number

REJECTED = "action.rejected.v1"

log = structlog.get_logger(__name__)


class PropertiesUnreadableError(BadRequestError):
    """The AMQP properties of the message cannot be decoded."""

    code = "properties-unreadable"


class UserIdNeededError(BadRequestError):
    """The message has no `user_id`; the answer goes to the department that its routing key names."""

    code = "user-id-needed"


class MessageIdNeededError(BadRequestError):
    """The message has no `message_id`: sent twice, the action would be done twice."""

    code = "message-id-needed"


class MessageIdTakenError(InvalidError):
    """Another action on the same request has used that `message_id`."""

    code = "message-id-taken"


class Action:
    """One parsed action: its department, its request and what to do; or the problem with it."""

    def __init__(self, delivery: Delivery) -> None:
        self.delivery = delivery
        self.id = delivery.message_id
        self.department = ""
        self.number = ""
        self.act: AnyAct | None = None
        self.problem: Problem | None = None
        department = department_of(delivery.routing_key)
        if department is None or (delivery.user_id and department != department_of(delivery.user_id)):
            self.problem = BadRequestError()  # no department can have sent it: the broker prevents that
            return
        self.department = department
        try:
            self._read(delivery.body)
        except Problem as problem:
            self.problem = problem

    @property
    def key(self) -> str:
        """The id of the action across departments, which choose their message ids freely."""
        return short_id(f"{self.department}/{self.id}")

    def _read(self, body: bytes) -> None:
        if self.delivery.unreadable:
            raise PropertiesUnreadableError
        if len(body) > MAX_BYTES:
            raise BadRequestError
        data = parse_object(body)
        number = data.pop("request", None)
        if not isinstance(number, str):
            raise InvalidError(errors=[field_error("/request", "required", "en")])
        self.number = read_number(number) or code_of(number)
        if not self.delivery.user_id:
            raise UserIdNeededError
        if not self.id:
            raise MessageIdNeededError
        try:
            self.act = ACT.validate_python(data)
        except ValidationError as error:
            raise InvalidError(errors=field_errors(list(error.errors()), "en", skip=1)) from None  # 1: the action


class Actions:
    """Takes batches of actions into assignments: one read, one write, exactly once by message id."""

    def __init__(self, store: AssignmentStore, acting: Acting, publisher: Publisher, copies: CopiedReplies) -> None:
        self._store = store
        self._acting = acting
        self._publisher = publisher
        self._copies = copies

    async def take(self, deliveries: Sequence[Delivery]) -> list[Outcome]:
        """One outcome for each delivery."""
        actions = [Action(delivery) for delivery in deliveries]
        waiting = [action for action in actions if action.problem is None]
        async for _ in attempts():
            if not waiting:
                break
            lost = await self._turn(waiting)
            waiting = [action for action in waiting if action.number in lost]
        for action in waiting:
            action.problem = ContendedError()
        return await self._answer(actions)

    async def _turn(self, actions: Sequence[Action]) -> set[str]:
        records = await self._store.load_many({action.number for action in actions})
        changed: dict[str, Assignment] = {}
        copied = await self._copies.among(
            (action.department, action.number, fingerprint)
            for action in actions
            if action.act is not None and (fingerprint := self._acting.fingerprint_of(action.act))
        )
        await self._acting.prepare(*(action.act for action in actions if action.act is not None))
        for action in actions:
            action.problem = None
            record = records.get(action.number)
            try:
                assert action.act is not None
                content = self._acting.content_of(action.act)
                if record is not None and action.key in record.acts:
                    if record.content_of_act(action.key) not in (content, None):
                        raise MessageIdTakenError
                    continue  # it was applied before
                self._acting.act(
                    record,
                    action.act,
                    Actor(f"department.{action.department}", action.department),
                    utc_now(),
                    copied,
                )
                assert record is not None
                record.remember_act(action.key, content)
                changed[action.number] = record
            except Problem as problem:
                action.problem = problem
        return await self._store.save_many(list(changed.values()))

    async def _answer(self, actions: Sequence[Action]) -> list[Outcome]:
        """Tell the departments what was refused; an action whose department is unknown becomes a dead letter."""
        refused = [action for action in actions if action.problem is not None and action.department]
        told = await self._publisher.publish([_rejection(action) for action in refused])
        untold = {id(action) for action, done in zip(refused, told, strict=True) if not done}
        outcomes = []
        for action in actions:
            if action.problem is None:
                outcomes.append(DONE)
            elif isinstance(action.problem, UnavailableError) or id(action) in untold:
                outcomes.append(Outcome("retry", type(action.problem).__name__))
            else:
                log.info("action.refused", department=action.department, code=action.problem.problem_code)
                outcomes.append(DONE if action.department else outcome_of(ValueError("unaddressed")))
        return outcomes


def _rejection(action: Action) -> Message:
    problem = action.problem
    assert problem is not None
    body: dict[str, Any] = {
        "type": f"/problems/{problem.problem_code}",
        "title": say(problem.problem_code, "title", "en", problem.params),
        "status": problem.status,
        "detail": say(problem.problem_code, "detail", "en", problem.params),
        "errors": problem.errors,
        "request": action.number[:40],
        "action": action.id,
    }
    content = hashlib.sha256(action.delivery.body).hexdigest()[:16]
    event = f"rejected/{action.id}/{problem.problem_code}/{content}"  # the same for the same refusal, and for no other
    headers = {"ce-specversion": "1.0", "ce-type": REJECTED, "ce-source": "/routing", "ce-id": event}
    queue = f"department.{action.department}"
    message_id = short_id(f"rejected/{action.id}/{action.delivery.tag}")
    return Message("", queue, json.dumps(body).encode(), message_id, headers)
