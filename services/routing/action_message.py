"""One action as a department's own software sent it: its department, its request and what to do, or the problem."""

from typing import Any

from pydantic import ValidationError

from services.routing.models.acts import ACT, AnyAct
from services.routing.models.assignment import Assignment
from services.routing.service.deciding import Actor
from shared.bus import Delivery, short_id
from shared.department_users import QueueName, queue_of
from shared.errors import BadRequestError, InvalidError, Problem, field_error, field_errors
from shared.jsonbody import MAX_BYTES, parse_object
from shared.spelling import code_of
from shared.tracking_number import read_number


class PropertiesUnreadableError(BadRequestError, code="properties-unreadable"):
    """The AMQP properties of the message cannot be decoded."""


class UserIdNeededError(BadRequestError, code="user-id-needed"):
    """The message has no `user_id`; the answer goes to the department that its routing key names."""


class MessageIdNeededError(BadRequestError, code="message-id-needed"):
    """The message has no `message_id`: sent twice, the action would be done twice."""


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

    def refuse_sender(self) -> None:
        """Treat it as a message from nobody: its queue does not exist any more."""
        self.queue, self.problem = None, BadRequestError()

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
