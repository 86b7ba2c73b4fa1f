"""An invented request: every message about it once, for trying, and the answers to a test system's actions on it.

Its number is a valid tracking number that is never given out; nothing of it is stored but its messages.
"""

import json
from datetime import datetime, timedelta
from typing import Any

from services.routing.feed.bodies import DEPARTMENT_EVENTS, body_of
from services.routing.feed.models import TEST, FeedMessage, feed_name
from services.routing.models.acts import AnyAct
from services.routing.models.assignment import EDGES, OPEN, AssignmentState
from shared import events
from shared.errors import NotFoundError
from shared.events import Event

NUMBER = "RB-TEST-0000-W"
OTHER_NUMBER = "RB-TEST-0001-T"
CITIZEN = "invented-citizen"
OFFICER = "invented-officer"
FILE = {"attachment": "0123456789abcdef0123456789abcdef", "content_type": "image/jpeg", "sha256": "0" * 64}
SEALED = ""
"""Departments get no sealed texts."""
WORDS = {"en": "An invented reason, for trying.", "ur": "آزمائش کے لیے ایک فرضی وجہ۔"}
SERVICE = {"en": "An invented service", "ur": "ایک فرضی خدمت"}


def one_of_each(department: str, name: dict[str, str], first: int, now: datetime) -> list[FeedMessage]:
    """One message of each type for a test feed, numbered from `first`, in the order of a request's life."""
    feed, made = feed_name(department, test=True), _events(department, name, now)
    return [_message(feed, made[contract], first + place, now) for place, contract in enumerate(DEPARTMENT_EVENTS)]


def result_of(number: str, act: AnyAct) -> dict[str, Any]:
    """What an action on the invented request leads to; each is possible at any time. Raises NotFoundError."""
    if number != NUMBER:
        raise NotFoundError
    state = EDGES[act.action].leads_to(AssignmentState.ACCEPTED)
    actions = [name for name in ("ask", "progress", "transfer", "resolve") if state in OPEN]
    return {"state": str(state), "etag": '"2"', "due_at": None, "actions": actions}


def _message(feed: str, event: Event, seq: int, now: datetime) -> FeedMessage:
    data = event.model_dump_json(exclude_none=True).encode()
    department = feed.removesuffix(TEST)
    subject = NUMBER if event.type.startswith("request.") else department
    sample = json.loads(body_of(event.type, subject, data, department)) | {"test": True}
    body = json.dumps(sample, ensure_ascii=False).encode()
    return FeedMessage(feed, f"routing/{subject}/{seq}", event.type, subject, seq, now, body)


def _events(department: str, name: dict[str, str], now: datetime) -> dict[type[Event], Event]:
    """An event of each type."""
    due, answer = now + timedelta(days=10), now + timedelta(days=2)
    citizen = {"citizen_id": CITIZEN, "department": department, "actor": "citizen", "actor_kind": "citizen"}
    clock = citizen | {"actor": "clock", "actor_kind": "clock"}
    portal = citizen | {"actor": "routing", "actor_kind": "routing"}
    officer = citizen | {"actor": OFFICER, "actor_kind": "officer"}
    own = citizen | {"actor": f"department.{department}", "actor_kind": "software", "caused_by": "your-message-id"}
    request = {"service": "invented-service", "service_name": SERVICE, "district": "peshawar"}
    details = f"/api/v1/requests/{NUMBER}"
    made: list[Event] = [
        events.RequestRouted(
            **portal,
            **request,
            department_name=name,
            because=WORDS,
            kind="complaint",
            respond_by=answer,
            due_at=due,
            details=details,
            why="first",
        ),
        events.RequestAccepted(**own),
        events.RequestAssigned(**officer, officer=OFFICER),
        events.RequestQuestioned(**officer, question=SEALED, due_at=due),
        events.RequestCitizenReminded(**clock, about="questioned", until=due),
        events.RequestResumed(**citizen, due_at=due),
        events.RequestProgressed(**own, note=SEALED),
        events.RequestFileAdded(**citizen, **FILE),
        events.RequestFileRemoved(**citizen, attachment=FILE["attachment"], sha256=FILE["sha256"]),
        events.RequestWordsAdded(**citizen),
        events.RequestContactChanged(**citizen),
        events.RequestAbsorbed(**officer, duplicate=OTHER_NUMBER),
        events.RequestPartAsked(
            **officer, **request, part="1", to=department, task=SEALED, due_at=due, details=details
        ),
        events.RequestPartChanged(**officer, part="1", to=department, state="done"),
        events.RequestDueSoon(**clock, due_at=due),
        events.RequestDelayed(**officer, reason=SEALED, until=due + timedelta(days=7), due_at=due, count=1),
        events.RequestOverdue(**clock, due_at=due, head=name),
        events.RequestEscalated(**clock, due_at=due, level=1, to="head", official=name),
        events.RequestTransferred(**officer, to="another-department", reason=SEALED),
        events.RequestResolved(**own, outcome="not_granted", reply=SEALED, reason="no_fault_found", due_at=due),
        events.RequestReopened(**citizen, reason="not_done", for_head=True, due_at=due),
        events.RequestUnderAppeal(**citizen, appeal=OTHER_NUMBER, due_at=due),
        events.RequestClosed(**citizen, reason="confirmed", rating=4),
        events.RequestGraded(**citizen, rating=4),
        events.RequestErased(**portal, reason="erasure"),
        events.DepartmentAccessRenewed(
            queue=f"department.{department}", user=f"department.{department}.2", old_until=answer
        ),
        events.DepartmentMessagesPutAside(queue=f"department.{department}", messages=[f"routing/{OTHER_NUMBER}/1"]),
    ]
    return {type(event): event for event in made}
