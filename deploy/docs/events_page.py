"""`docs/events.md`: every event with its publisher and consumers, the queues, and departments' actions."""

from collections.abc import Iterable

from deploy.docs.contracts import (
    ACTIONS,
    DEPARTMENT_EVENTS,
    HANDLED,
    PUBLISHERS,
    Field,
    action_of,
    action_schema,
    consumers,
    department_rights,
    fields_of,
    schema_of,
    summary,
)
from deploy.docs.markdown import table
from services.routing.actions import ACCEPTED, REJECTED
from services.routing.wiring import ACTIONS_QUEUE
from shared.bus.consumer import ATTEMPT, ERROR
from shared.bus.topology import (
    ACTIONS as ACTIONS_EXCHANGE,
)
from shared.bus.topology import (
    DELIVERY_LIMIT,
    EVENTS,
    EXCHANGES,
    LIVE,
    dead_queue,
    delay_queue,
)
from shared.bus.untrusted import MAX_HEADERS, MAX_LEVELS
from shared.events import CONSUMERS, Event, stream_of
from shared.events import EVENTS as ALL
from shared.settings import Settings
from shared.settlement import ANSWER, QUESTION

DELAYS: tuple[float, ...] = Settings.model_fields["retry_delays"].default
USES = {
    EVENTS: "every event; routing key: its type",
    ACTIONS_EXCHANGE: "departments' actions; routing key: the name of their queue",
    LIVE: "wake-ups for live streams of the gateways: ids only, may be lost",
}

INTRODUCTION = """# Events

Generated from the code by `python -m deploy.docs`; `python -m deploy.docs --check` fails if it is stale.
[asyncapi.yaml](asyncapi.yaml) has the same content for programs.

An event is a fact in the past tense. Its type is `<subject>.<what happened>.v<version>`, which is also the routing
key. An event may get new optional fields; any other change needs a new version beside the old one. The body is JSON.
The attributes of CloudEvents 1.0 are AMQP 0-9-1 headers that begin with `ce-`. This is not CloudEvents' own AMQP
binding, which is for AMQP 1.0 and uses the prefix `cloudEvents:`; libraries for that binding do not find these
headers.

| header | content |
|---|---|
| `ce-id` | `<source>/<subject>/<seq>`; the same each time the event is published |
| `ce-source` | `/` and the service |
| `ce-type` | the type |
| `ce-subject` | the record's id: tracking number, citizen, service code, department code |
| `ce-seq` | the number of the event among all with its subject and source: 1, 2, 3... |
| `ce-time` | when it happened |
| `ce-specversion` | `1.0` |

The property `message_id` is the event's id (plus the queue, for a copy to one queue); `correlation_id` is the subject.

Between services, events of one type that are published together share a message: its header `rabta-bundle` has their
number, and its body is a batch in CloudEvents' JSON format (`shared/bus/bundles.py`). A department's queue never has
one.

*Sealed* text is encrypted for a purpose and an owner (`shared/seal.py`); it opens only with the data key.
"""

DEPARTMENTS = """Each department has a durable quorum queue `department.<code>` and an AMQP user of the same name.
A second system, or a test system, gets a further queue `department.<code>.<name>` with a user of its own. Each queue
gets these events with the headers above; test queues get invented ones only, with `ce-test`.

Whatever changes a request is told to its department, whoever did it. `actor` is the account, `department.<code>` for
the department's software, or `citizen`, `officer`, `authority`, `clock`, `routing`; `actor_kind` says what it is. An
event that your own action caused has `caused_by`: the action's `message_id`. Sealed fields are left out; the texts are
at the path in `details`. An event about a part of the work goes to both departments, with a number in each feed.

One header more, `ce-number`, counts all messages of a department: 1, 2, 3… without a gap, however many queues it has.
The messages of the last 30 days can be sent again with the same ids and numbers, by the department itself
(`POST /api/v1/department/queues/replay`) and by the operator (`./rabta department replay`).
`POST /api/v1/department/queues/samples` sends one invented message of each type to its test queues.
"""

RECEIVING = f"""**Store, acknowledge, then work.** Store each message under its `ce-id` and acknowledge it as soon as
it is stored. Then work from what you stored, with retries until it is done. If a delivery stays unacknowledged for
half an hour (`consumer_timeout`), the broker closes the channel and redelivers everything that it held, so longer
work would start again for ever. The same `ce-id` may arrive more than once; it is the same event.

A message that you return (`nack` with requeue) is redelivered at once, however often you return it: wait first,
longer each time. A message that you reject is put aside. It comes back after a minute, then after 2, 4 and so on up
to 60 minutes, as long as the request is with the department, and ten times otherwise; `{ATTEMPT}` counts the
returns. After that `department.messages_put_aside.v1` names it, and a replay brings it. Store and acknowledge messages
that you cannot read, too.

**Read the request when you work on it**, at the path in `details`; it leads to the files. The event can arrive
before the details. Then you get a 503 `not-yet-here` with `Retry-After`: wait for that many seconds and retry. A 404 is
final: the department does not have the request.

An action can come too late, if the citizen has just withdrawn the request or it has just been merged. The action then
has no effect, and `request.closed.v1` says why ([the rule](lifecycle.md)). A request that arrives with `question_open`
waits for its citizen's answer to another department; `request.resumed.v1` follows.
"""

ACTING = f"""A department acts by publishing to `{ACTIONS_EXCHANGE}`. The routing key is the name of its queue, the
property `user_id` is its user (the broker checks it), and `message_id` is required. Create a new `message_id` (a
UUID) for each action and store it with the action before you send it. Repeat the same action with the same id until
the broker confirms it; it counts once for its request. The same id with other content is refused
(`message-id-taken`), and so is a message without `user_id` or `message_id`.

A department's software may do what an officer may do. Requests that a citizen disputed or an authority sent back, and
all appeals, are decided by people in the portal: for these `accept`, `transfer` and `resolve` are refused
(`head-only`, `appellate-only`). The body is a JSON object:
"""

REFUSING = f"""A refused action is answered on the queue in the routing key with `{REJECTED}`: an RFC 9457 problem with
`request` (the tracking number) and `action` (the `message_id` of the refused action). With the property `reply_to`
every action is answered, also one that was done: with `{ACCEPTED}`. `reply_to` can be `amq.rabbitmq.reply-to`
(RabbitMQ's direct reply-to, without a queue) or your own queue; any other address is ignored. The `correlation_id` of
the answer is that of the action, or its `message_id`. Both kinds of answers say how the request stands now: `state`,
`etag`, `due_at` and `actions`. They have no number and are not sent again: repeat the action with the same id instead.

A test queue's actions can only be about the invented request, and change nothing.

The same actions exist over HTTP (`POST /api/v1/assignments/{{number}}/<action>`). A message whose properties cannot be
decoded (text that is not UTF-8, times after the year 9999, headers over {MAX_HEADERS} bytes or {MAX_LEVELS} levels) is
answered with `properties-unreadable`, and with its `message_id` only if that could be read.
"""

SETTLING = f"""Some minutes after the broker's confirm, a source asks each consumer of the stream about a range of
records (`{QUESTION}`). The consumer answers with the records of which it lacks events (`{ANSWER}`). Both messages go
directly to the other's queue. The source publishes missing events again, with the same ids.
"""

QUEUES = f"""All are durable quorum queues with at-least-once dead-lettering, and a delivery limit of
{DELIVERY_LIMIT}; those of departments have none. After a temporary fault a message goes one step up the ladder of
delays and then back to its queue. After the last step, or if it cannot be understood, it goes to the dead letters,
with the class of the error in `{ERROR}`.
"""


def events_page() -> str:
    """The page as text."""
    parts = [INTRODUCTION, _overview()]
    for source in PUBLISHERS:
        parts += [f"## Published by {source}\n", *(_event(event) for event in ALL if event.source == source)]
    parts += ["## Streams and settlement\n", SETTLING, _streams()]
    parts += ["## Exchanges and queues\n", _exchanges(), _queues(), QUEUES]
    parts += ["## Departments\n", DEPARTMENTS, *_department()]
    return "\n".join(parts)


def _overview() -> str:
    rows = [(f"[`{event.type}`](#{event.type.replace('.', '')})", event.source, _consumers(event)) for event in ALL]
    return table(("event", "published by", "consumed by"), rows)


def _consumers(event: type[Event]) -> str:
    return ", ".join([*consumers(event), *(["its department"] if event in DEPARTMENT_EVENTS else [])])


def _event(event: type[Event]) -> str:
    fields = fields_of(schema_of(event))
    table = _fields(fields) if fields else "No fields; only subject and time.\n"
    return f"### `{event.type}`\n\n{summary(event)} Consumed by: {_consumers(event)}.\n\n{table}"


def _fields(fields: Iterable[Field]) -> str:
    return table(("field", "type", "required"), [(f"`{f.name}`", f.kind, "yes" if f.needed else "") for f in fields])


def _streams() -> str:
    rows = [
        (
            f"`{stream}`",
            next(event.source for event in ALL if stream_of(event) == stream),
            ", ".join(services),
            ", ".join(f"`{event.type}`" for event in ALL if stream_of(event) == stream),
        )
        for stream, services in CONSUMERS.items()
    ]
    return table(("stream", "published by", "settled with", "events"), rows)


def _exchanges() -> str:
    return table(("exchange", "type", "carries"), [(f"`{name}`", kind, USES[name]) for name, kind in EXCHANGES.items()])


def _queues() -> str:
    bound = {service: (EVENTS, sorted(types)) for service, types in HANDLED.items()}
    bound[ACTIONS_QUEUE] = (ACTIONS_EXCHANGE, ["department.#"])
    rows = []
    for queue, (exchange, keys) in bound.items():
        ladder = ", ".join(f"`{delay_queue(queue, delay)}`" for delay in DELAYS)
        rows.append(
            (f"`{queue}`", ladder, f"`{dead_queue(queue)}`", f"`{exchange}`: " + ", ".join(f"`{k}`" for k in keys))
        )
    return table(("queue", "ladder of delays", "dead letters", "bound to"), rows)


def _department() -> list[str]:
    heard = table(("event", "when"), [(f"`{event.type}`", summary(event)) for event in DEPARTMENT_EVENTS])
    parts = [heard, RECEIVING, ACTING]
    for act in ACTIONS:
        parts.append(f"### `{action_of(act)}`\n\n{summary(act)}\n\n{_fields(fields_of(action_schema(act)))}")
    rights = department_rights("department.power")
    rows = [
        (kind.replace("-", " "), f"`{body['configure']}`" if "configure" in body else "", *_read_write(body))
        for kind, body in rights.items()
    ]
    parts += [
        REFUSING,
        "The rights of the user `department.power`:\n",
        table(("", "configure", "write", "read"), rows),
    ]
    return parts


def _read_write(body: dict[str, str]) -> tuple[str, str]:
    on = f" on `{body['exchange']}`" if "exchange" in body else ""
    return f"`{body['write']}`{on}", f"`{body['read']}`"
