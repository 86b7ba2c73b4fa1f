"""Actions that a department's own software publishes to `rabta.actions`, taken in many at a time.

The broker guarantees the sender: it lets a department's users write no routing key but their department's (topic
permissions), and accepts the property `user_id` only when it is the connection's user. Each refused action is answered
(`answers`), so that no action is lost silently.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from services.routing.action_message import Action
from services.routing.answers import answers_to
from services.routing.feed import invented
from services.routing.feed.queues import DepartmentQueues
from services.routing.models.assignment import Assignment
from services.routing.service.acting import Acting
from services.routing.service.deciding import possible
from services.routing.store.assignments import AssignmentStore
from shared.bus import DONE, Delivery, Outcome, Publisher, outcome_of
from shared.changing import ContendedError, attempts
from shared.clock import utc_now
from shared.errors import InvalidError, Problem, UnavailableError
from shared.paging import time_text

log = structlog.get_logger(__name__)


class MessageIdTakenError(InvalidError, code="message-id-taken"):
    """Another action on the same request has used that `message_id`."""


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
            action.refuse_sender()
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
                        raise MessageIdTakenError
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
