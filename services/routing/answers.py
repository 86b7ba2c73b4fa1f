"""Answers to actions of departments' software: done, or why not.

A refusal always goes to the queue that the action's routing key names. With `reply_to` each answer, good or bad, goes
there: to the sender's direct reply-to address, or to that same queue. Any other address is ignored, since the broker
would let this service write to it with rights that the department does not have.
"""

import hashlib
import json
from typing import Any

from services.routing.action_message import Action
from shared.bus import Delivery, Message, short_id
from shared.errors import Problem, say

ACCEPTED, REJECTED = "action.accepted.v1", "action.rejected.v1"
DIRECT = "amq.rabbitmq.reply-to."
"""How the broker names a client's direct reply-to address, for which no queue is needed."""


def answers_to(action: Action) -> list[Message]:
    """The messages that tell the sender what became of an action; none for a sender who is not known."""
    if action.queue is None:
        return []
    own = action.queue.text
    kind, body = (REJECTED, _refusal(action, action.problem)) if action.problem else (ACCEPTED, _receipt(action))
    addresses = {_reply_to(action.delivery, own)} | ({own} if action.problem else set())
    return [_message(action, kind, body, address, own) for address in sorted(addresses - {None}, key=str) if address]


def _reply_to(delivery: Delivery, own: str) -> str | None:
    asked = delivery.reply_to or ""
    return asked if asked == own or asked.startswith(DIRECT) else None


def _receipt(action: Action) -> dict[str, Any]:
    return {"request": action.number, "action": action.id, **action.result}


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
