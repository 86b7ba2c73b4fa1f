"""`docs/events.md`: every event, who says and who hears it, the queues, and what departments send."""

from collections.abc import Iterable, Sequence

from deploy.docs.contracts import (
    ACTIONS,
    DEPARTMENT_EVENTS,
    HEARS,
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
from services.routing.actions import REJECTED
from services.routing.app import ACTIONS_QUEUE
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
from shared.settlement import ASKED, TOLD

DELAYS: tuple[float, ...] = Settings.model_fields["retry_delays"].default
USES = {
    EVENTS: "every event, by its type",
    ACTIONS_EXCHANGE: "what departments do, by their queue's name",
    LIVE: "wake-ups for the gateways' live streams; ids only, may be lost",
}

INTRODUCTION = """# Events

Written by `python -m deploy.docs` from the code; `python -m deploy.docs --check` tells when it is stale. The same for
programs: [asyncapi.yaml](asyncapi.yaml).

An event is a fact in the past tense, `<subject>.<what happened>.v<version>`; the type is the routing key. An optional
field may be added; anything else is a new version beside the old. On the wire the body is JSON, and the attributes of
CloudEvents 1.0 are AMQP 0-9-1 headers that begin with `ce-`. That is not CloudEvents' own AMQP binding, which is for
AMQP 1.0 and says `cloudEvents:`: a library made for that binding does not find them.

| header | holds |
|---|---|
| `ce-id` | `<source>/<subject>/<seq>`: the same each time the event is published |
| `ce-source` | `/` and the service |
| `ce-type` | the type |
| `ce-subject` | the record's id: tracking number, citizen, service code, department code |
| `ce-seq` | the number of this event among all of its subject and source: 1, 2, 3... |
| `ce-time` | when it was said |
| `ce-specversion` | `1.0` |

The property `message_id` is the event's id (and the destination, for a queue's own copy), `correlation_id` the subject.
*Sealed* text is encrypted for its kind and its owner (`shared/seal.py`); without the data key it says nothing.
"""

DEPARTMENTS = """A department has its own durable quorum queue `department.<code>`, and an AMQP user of that name.
Its queue gets a copy of these events, with the headers above:
"""

TAKING = f"""**Store, acknowledge, then work.** Store each message under its `ce-id`, acknowledge it as soon as it
is stored, and work from what you have stored, trying again until it is done. The broker closes a channel that has
left a delivery unacknowledged for half an hour (`consumer_timeout`), and delivers everything that the channel held
again: longer work would start again for ever. The same `ce-id` may come more than once; it is the same event.

A message that you return (`nack` with requeue) comes back at once, however often you return it: wait before you
do, longer each time. A message that you reject is set aside and comes back after a minute, then after 2, 4, ... up
to 60 minutes, for as long as the request is with the department, and ten times when it no longer is; `{ATTEMPT}`
counts. Store and acknowledge messages that you cannot read, too.

**Read the request when you work on it**, at the path in `details`, and its files from there. The event can be faster
than the details: the answer is then 503 `not-yet-here` with `Retry-After`. Wait for that many seconds and ask
again. A 404 is final: the department does not have the request.

An act can come too late: the citizen may have taken the request back, or it may have been merged, in the moment
before. The act then counts for nothing, and `request.closed.v1` says why ([the rule](lifecycle.md)). A request
that comes with `question_open` waits for its citizen's answer to another department: `request.resumed.v1` follows.
"""

ACTING = f"""It acts by publishing to `{ACTIONS_EXCHANGE}` with its queue's name as the routing key, a
`message_id`, and the property `user_id` set to its user, which the broker checks. Make a new `message_id` (a UUID)
for each act, store it with the act before you send it, and send the same act with the same id until the broker
confirms it: it counts once. The same id with another content is refused (`message-id-taken`), and so is a message
without `user_id` or `message_id`.

A department's software may do what an officer may. People decide, in the portal, what a citizen has disputed or an
authority has sent back, and all appeals: there `accept`, `transfer` and `resolve` are refused (`head-only`,
`appellate-only`). The body is a JSON object:
"""

REFUSING = f"""What cannot be done is answered on the department's own queue as `{REJECTED}`: an RFC 9457 problem
with `request` (the tracking number) and `action` (the `message_id` of what was refused). The same actions can be taken
over HTTP (`POST /api/v1/assignments/{{number}}/<action>`). A message whose properties cannot be decoded (text that is
not UTF-8, times past the year 9999, headers past {MAX_HEADERS} bytes or {MAX_LEVELS} levels) is answered with
`properties-unreadable`, and with its `message_id` only where that could be read.
"""

SETTLING = f"""Some minutes after the broker's confirm a source asks each consumer of the stream about a range of
records (`{ASKED}`), and the consumer answers with those that it lacks something of (`{TOLD}`), each straight to the
other's queue. What is lacking is published again with the same ids.
"""

QUEUES = f"""All are durable quorum queues with at-least-once dead-lettering, and a delivery limit of
{DELIVERY_LIMIT}; those of departments have none. A fault that may pass goes up the ladder, one step each time, and
comes back to its queue; past the last step, or when it cannot be understood, a message goes to the dead letters,
with the class of the error in `{ERROR}`.
"""


def events_page() -> str:
    """The page as text."""
    parts = [INTRODUCTION, _overview()]
    for source in PUBLISHERS:
        parts += [f"## Said by {source}\n", *(_event(event) for event in ALL if event.source == source)]
    parts += ["## Streams and settlement\n", SETTLING, _streams()]
    parts += ["## Exchanges and queues\n", _exchanges(), _queues(), QUEUES]
    parts += ["## Departments\n", DEPARTMENTS, *_department()]
    return "\n".join(parts)


def _overview() -> str:
    rows = [(f"[`{event.type}`](#{event.type.replace('.', '')})", event.source, _heard(event)) for event in ALL]
    return _table(("event", "said by", "heard by"), rows)


def _heard(event: type[Event]) -> str:
    return ", ".join([*consumers(event), *(["its department"] if event in DEPARTMENT_EVENTS else [])])


def _event(event: type[Event]) -> str:
    fields = fields_of(schema_of(event))
    table = _fields(fields) if fields else "No fields: its subject and time say it all.\n"
    return f"### `{event.type}`\n\n{summary(event)} Heard by: {_heard(event)}.\n\n{table}"


def _fields(fields: Iterable[Field]) -> str:
    return _table(("field", "kind", "needed"), [(f"`{f.name}`", f.kind, "yes" if f.needed else "") for f in fields])


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
    return _table(("stream", "said by", "must be taken in by", "events"), rows)


def _exchanges() -> str:
    return _table(
        ("exchange", "kind", "carries"), [(f"`{name}`", kind, USES[name]) for name, kind in EXCHANGES.items()]
    )


def _queues() -> str:
    bound = {service: (EVENTS, sorted(types)) for service, types in HEARS.items()}
    bound[ACTIONS_QUEUE] = (ACTIONS_EXCHANGE, ["department.*"])
    rows = []
    for queue, (exchange, keys) in bound.items():
        ladder = ", ".join(f"`{delay_queue(queue, delay)}`" for delay in DELAYS)
        rows.append(
            (f"`{queue}`", ladder, f"`{dead_queue(queue)}`", f"`{exchange}`: " + ", ".join(f"`{k}`" for k in keys))
        )
    return _table(("queue", "ladder of delays", "dead letters", "bound to"), rows)


def _department() -> list[str]:
    heard = _table(("event", "when"), [(f"`{event.type}`", summary(event)) for event in DEPARTMENT_EVENTS])
    parts = [heard, TAKING, ACTING]
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
        _table(("", "configure", "write", "read"), rows),
    ]
    return parts


def _read_write(body: dict[str, str]) -> tuple[str, str]:
    on = f" on `{body['exchange']}`" if "exchange" in body else ""
    return f"`{body['write']}`{on}", f"`{body['read']}`"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    lines += [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows]
    return "\n".join(lines) + "\n"
