"""Consumes, in batches, the actions that departments' own software publishes to `rabta.actions`.

The broker guarantees the sender: it lets a department's users write no routing key but their department's (topic
permissions), and accepts the property `user_id` only when it is the connection's user. A refusal always goes to the
queue that the routing key names, so that no action is lost silently. With `reply_to` each answer goes there: to the
sender's direct reply-to address, or to that same queue. Any other address is ignored, since the broker would let this
service write to it with rights that the department does not have.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from pydantic import ValidationError

from services.routing.feed import invented
from services.routing.feed.queues import DepartmentQueues
from services.routing.models.acts import ACT, AnyAct
from services.routing.models.assignment import Assignment
from services.routing.service.acting import Acting
from services.routing.service.deciding import Actor, possible
from services.routing.store.assignments import AssignmentStore
from shared.bus import DONE, Delivery, Message, Outcome, Publisher, outcome_of, short_id
from shared.changing import ContendedError, attempts
from shared.clock import utc_now
from shared.department_users import QueueName, queue_of
from shared.errors import BadRequestError, InvalidError, Problem, UnavailableError, field_error, field_errors, say
from shared.jsonbody import MAX_BYTES, parse_object
from shared.paging import time_text
from shared.spelling import code_of
from shared.tracking_number import read_number

ACCEPTED, REJECTED = "action.accepted.v1", "action.rejected.v1"
DIRECT = "amq.rabbitmq.reply-to."
"""How the broker names a client's direct reply-to address, for which no queue is needed."""

log = structlog.get_logger(__name__)


class Action:
    """One parsed action: its department, its request and what to do; or the problem with it."""

    def __init__(self, delivery: Delivery) -> None:
        self.delivery = delivery
        self.id = delivery.message_id
        self.queue: QueueName | None = None
        self.number = ""
        self.act: AnyAct | None = None
        self.problem: Problem | None = None
        self.result: dict[str, Any] = {}
        self.record: Assignment | None = None
        queue = queue_of(delivery.routing_key)
        if queue is None or (delivery.user_id and queue != queue_of(delivery.user_id)):
            self.problem = BadRequestError()  # no department can have sent it: the broker prevents that
            return
        self.queue = queue
        try:
            self._read(delivery.body)
        except Problem as problem:
            self.problem = problem

    @property
    def department(self) -> str:
        """The code of the department; empty where nobody knows it."""
        return self.queue.department if self.queue else ""

    @property
    def actor(self) -> Actor:
        """The department's software."""
        return Actor(f"department.{self.department}", self.department, caused_by=self.id or None)

    @property
    def key(self) -> str:
        """The id of the action across departments, which choose their message ids freely."""
        return short_id(f"{self.department}/{self.id}")

    def _read(self, body: bytes) -> None:
        if self.delivery.unreadable:
            raise BadRequestError("properties-unreadable")
        if len(body) > MAX_BYTES:
            raise BadRequestError
        data = parse_object(body)
        number = data.pop("request", None)
        if not isinstance(number, str):
            raise InvalidError(errors=[field_error("/request", "required", "en")])
        self.number = read_number(number) or code_of(number)
        if not self.delivery.user_id:
            raise BadRequestError("user-id-needed")
        if not self.id:
            raise BadRequestError("message-id-needed")
        try:
            self.act = ACT.validate_python(data)
        except ValidationError as error:
            raise InvalidError(errors=field_errors(list(error.errors()), "en", skip=1)) from None  # 1: the action


def answers_to(action: Action) -> list[Message]:
    """The messages that tell the sender what became of an action; none for a sender who is not known."""
    if action.queue is None:
        return []
    own = action.queue.text
    done = {"request": action.number, "action": action.id, **action.result}
    kind, body = (REJECTED, _refusal(action, action.problem)) if action.problem else (ACCEPTED, done)
    addresses = {_reply_to(action.delivery, own)} | ({own} if action.problem else set())
    return [_message(action, kind, body, address, own) for address in sorted(addresses - {None}, key=str) if address]


def _reply_to(delivery: Delivery, own: str) -> str | None:
    asked = delivery.reply_to or ""
    return asked if asked == own or asked.startswith(DIRECT) else None


def _refusal(action: Action, problem: Problem) -> dict[str, Any]:
    return {
        "type": f"/problems/{problem.problem_code}",
        "title": say(problem.problem_code, "title", "en", problem.params),
        "status": problem.status,
        "detail": say(problem.problem_code, "detail", "en", problem.params),
        "errors": problem.errors,
        "request": action.number[:40],
        "action": action.id,
        **action.result,
    }


def _message(action: Action, kind: str, body: dict[str, Any], address: str, own: str) -> Message:
    """The message to one address. A direct one is only for a client that still waits for it."""
    delivery, at_queue = action.delivery, address == own
    content = hashlib.sha256(delivery.body).hexdigest()[:16]
    verb = kind.split(".")[1]
    code = f"{action.problem.problem_code}/" if action.problem else ""
    event = f"{verb}/{action.id}/{code}{content}"  # the same for the same answer, and for no other
    headers = {"ce-specversion": "1.0", "ce-type": kind, "ce-source": "/routing", "ce-id": event}
    place = "" if at_queue else "/direct"
    return Message(
        "",
        address,
        json.dumps(body).encode(),
        short_id(f"{verb}/{action.id}/{delivery.tag}{place}"),
        headers,
        (delivery.correlation_id or action.id or None) if delivery.reply_to else None,
        persistent=at_queue,
        mandatory=at_queue,
    )


@dataclass(frozen=True, slots=True)
class Actions:
    """Takes batches of actions into assignments: one read, one write, exactly once by message id."""

    store: AssignmentStore
    acting: Acting
    publisher: Publisher
    further: DepartmentQueues | None = None

    async def take(self, deliveries: Sequence[Delivery]) -> list[Outcome]:
        """One outcome for each delivery."""
        actions = [Action(delivery) for delivery in deliveries]
        tried = [action for action in actions if self._is_trial(action)]
        waiting = [action for action in actions if action.problem is None and action not in tried]
        async for _ in attempts():
            if not waiting:
                break
            lost = await self._turn(waiting)
            waiting = [action for action in waiting if action.number in lost]
        for action in waiting:
            action.problem = ContendedError()
        return await self._answer(actions)

    def _is_trial(self, action: Action) -> bool:
        """Whether a test system sent it; then it is answered here, and no assignment is read or changed."""
        if self.further is None or action.queue is None or not action.queue.name:
            return False
        kind = self.further.kind_of(action.queue)
        if kind is None:
            action.queue, action.problem = None, BadRequestError()  # its queue does not exist any more
        if kind != "test" or action.problem is not None:
            return False
        assert action.act is not None
        try:
            action.result = {**invented.result_of(action.number, action.act), "test": True}
        except Problem as problem:
            action.problem = problem
        return True

    async def _turn(self, actions: Sequence[Action]) -> set[str]:
        records = await self.store.load_many({action.number for action in actions})
        changed: dict[str, Assignment] = {}
        copied = await self.acting.prepare(
            (action.department, action.number, action.act) for action in actions if action.act is not None
        )
        for action in actions:
            action.problem = None
            action.record = record = records.get(action.number)
            try:
                assert action.act is not None
                content = self.acting.content_of(action.act)
                if record is not None and action.key in record.acts:
                    if record.content_of_act(action.key) not in (content, None):
                        raise InvalidError("message-id-taken")
                    continue  # it was applied before
                self.acting.act(record, action.act, action.actor, utc_now(), copied)
                assert record is not None
                record.remember_act(action.key, content)
                changed[action.number] = record
            except Problem as problem:
                action.problem = problem
        lost = await self.store.save_many(list(changed.values()))
        for action in actions:
            action.result = _result_of(action, saved=action.number in changed)
        return lost

    async def _answer(self, actions: Sequence[Action]) -> list[Outcome]:
        """Tell the senders what became of it; an action whose sender is unknown becomes a dead letter."""
        answers = [(action, message) for action in actions for message in answers_to(action)]
        told = await self.publisher.publish([message for _, message in answers])
        untold = {id(action) for (action, _), done in zip(answers, told, strict=True) if not done}
        outcomes = []
        for action in actions:
            if id(action) in untold or isinstance(action.problem, UnavailableError):
                outcomes.append(Outcome("retry", type(action.problem).__name__ if action.problem else "Untold"))
            elif action.problem is None:
                outcomes.append(DONE)
            else:
                log.info("action.refused", department=action.department, code=action.problem.problem_code)
                outcomes.append(DONE if action.department else outcome_of(ValueError("unaddressed")))
        return outcomes


def _result_of(action: Action, *, saved: bool) -> dict[str, Any]:
    """The state of the assignment now, its revision as `If-Match` takes it, and what is possible next."""
    record = action.record
    if record is None or record.department != action.department:
        return {}
    return {
        "state": str(record.state),
        "etag": f'"{record.rev + saved}"',
        "due_at": time_text(record.due_at),
        "actions": possible(record, action.actor, utc_now()),
    }
