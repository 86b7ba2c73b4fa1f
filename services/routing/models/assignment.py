"""An assignment: a request at a department, its states as a table, its clocks, and what was done to it."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from typing import Any

from services.routing.models.clock import DueClock
from services.routing.models.directory import TRIAGE
from shared.events import Event
from shared.records import Record
from shared.transitions import TransitionRefusedError

MAX_STEPS = 500
MAX_WORDS = 3_000_000
"""Bytes of sealed words in a history. They stand in the document's events once more, and MongoDB ends at 16 MB."""
MAX_NOTES, MAX_PARTS = 200, 20
APPEAL = "appeal"
BRINGING = ("route", "transfer", "separated")
"""Steps that bring it to a department."""
PLAIN_ACTORS = frozenset({"citizen", "officer", "authority", "clock", "routing"})
"""Actors of steps that are no account; they are their own kind."""


class AssignmentState(StrEnum):
    """The states of an assignment."""

    UNVERIFIED = "unverified"
    ROUTED = "routed"
    ACCEPTED = "accepted"
    QUESTIONED = "questioned"
    IN_PROGRESS = "in_progress"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    UNDER_APPEAL = "under_appeal"
    CLOSED = "closed"


S = AssignmentState
OPEN = (S.ROUTED, S.ACCEPTED, S.QUESTIONED, S.IN_PROGRESS, S.REOPENED)
WORKING = (S.ACCEPTED, S.IN_PROGRESS)
HERE = (*OPEN, S.RESOLVED, S.UNDER_APPEAL)
PAUSED = (S.QUESTIONED, S.RESOLVED, S.UNDER_APPEAL)
"""The due date stands still: the next step is the citizen's, or an authority's."""
RUNNING = tuple(state for state in OPEN if state not in PAUSED)
"""The due date comes nearer."""


@dataclass(frozen=True)
class ActionEdge:
    """An action is possible in `sources` and leads to `target`; `why` says what it is for.

    From the states in `keeps` it leads nowhere else: the assignment stays as it is.
    """

    sources: tuple[AssignmentState, ...]
    target: AssignmentState
    why: str
    keeps: tuple[AssignmentState, ...] = ()

    def leads_to(self, state: AssignmentState) -> AssignmentState:
        """The state after it."""
        return state if state in self.keeps else self.target


EDGES: dict[str, ActionEdge] = {
    "route": ActionEdge((S.UNVERIFIED,), S.ROUTED, "its rules are met, and a department was chosen"),
    "accept": ActionEdge((S.ROUTED, S.REOPENED), S.ACCEPTED, "somebody has taken it on"),
    "ask": ActionEdge(
        (S.ROUTED, S.ACCEPTED, S.IN_PROGRESS, S.REOPENED), S.QUESTIONED, "the clock stands until the answer"
    ),
    "progress": ActionEdge(WORKING, S.IN_PROGRESS, "something was done"),
    "transfer": ActionEdge(OPEN, S.ROUTED, "it is another department's; an open question goes along", (S.QUESTIONED,)),
    "resolve": ActionEdge(WORKING, S.RESOLVED, "an outcome with a reply"),
    "assign": ActionEdge(OPEN, S.IN_PROGRESS, "an officer is responsible for it, chosen or by oneself", OPEN),
    "release": ActionEdge(OPEN, S.IN_PROGRESS, "nobody is responsible for it any more", OPEN),
    "recuse": ActionEdge(HERE, S.IN_PROGRESS, "an officer has an interest in it, and does not see it any more", HERE),
    "ask_part": ActionEdge(OPEN, S.IN_PROGRESS, "another department is asked for a part of the work", OPEN),
    "change_part": ActionEdge(HERE, S.IN_PROGRESS, "a part was accepted, done, refused or cancelled", HERE),
    "delay": ActionEdge(RUNNING, S.IN_PROGRESS, "it takes longer: the citizen is told why, and a new date", RUNNING),
    "due_soon": ActionEdge(RUNNING, S.IN_PROGRESS, "three quarters of the time are used", RUNNING),
    "overdue": ActionEdge(RUNNING, S.IN_PROGRESS, "the due date is over", RUNNING),
    "escalate": ActionEdge(RUNNING, S.IN_PROGRESS, "it is still not done: a higher official has it", RUNNING),
    "answered": ActionEdge((S.QUESTIONED,), S.IN_PROGRESS, "the citizen's answer lets work go on"),
    "disputed": ActionEdge((S.RESOLVED,), S.REOPENED, "the citizen disagrees: the head has it"),
    "appealed": ActionEdge((S.RESOLVED,), S.UNDER_APPEAL, "the head's word is before an authority"),
    "remitted": ActionEdge((S.UNDER_APPEAL,), S.REOPENED, "the authority sent it back to the head"),
    "appeal_decided": ActionEdge((S.UNDER_APPEAL,), S.CLOSED, "the authority let the head's word stand"),
    "decided": ActionEdge((S.RESOLVED,), S.CLOSED, "of an appeal: the authority's decision is final"),
    "confirmed": ActionEdge((S.RESOLVED,), S.CLOSED, "the citizen agrees"),
    "let_stand": ActionEdge((S.RESOLVED,), S.CLOSED, "the citizen did not dispute it in time"),
    "lapsed": ActionEdge(tuple(s for s in S if s is not S.CLOSED), S.CLOSED, "the citizen did not answer in time"),
    "withdrawn": ActionEdge(tuple(S), S.CLOSED, "the citizen took it back"),
    "merged": ActionEdge((*OPEN, S.RESOLVED), S.CLOSED, "it goes on under another number that is about the same thing"),
    "separated": ActionEdge((S.CLOSED,), S.ROUTED, "a thing of its own after all; only after a merge"),
}
DEPARTMENT_ACTIONS = ("accept", "ask", "progress", "transfer", "resolve", "delay")
CLOCK_MARKS = ("due_soon", "overdue", "escalate")
"""Steps that the clock takes; they leave the state as it is."""
REPEATABLE = frozenset({"ask", "progress", "transfer", "assign", "release"})
"""What a department could do without end; everything else comes to an end by itself."""


@dataclass(kw_only=True)
class Assignment(DueClock, Record):
    """One document of `assignments`; the tracking number is its id."""

    citizen_id: str = ""
    service: str = ""
    kind: str = ""
    district: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    channel: str | None = None
    sealed_point: str | None = None
    """The place of the request, "latitude,longitude", if it has one."""
    state: AssignmentState = AssignmentState.UNVERIFIED
    department: str | None = None
    because: dict[str, str] = field(default_factory=dict)
    changed_at: datetime | None = None
    """When the last step was taken."""
    routed_at: datetime | None = None
    respond_by: datetime | None = None
    responded_at: datetime | None = None
    resolved_at: datetime | None = None
    outcome: str | None = None
    rating: int | None = None
    """How the citizen rated it, from 1 to 5."""
    rated_at: datetime | None = None
    taken_by: str | None = None
    """The account that is responsible for it: assigned, or the first that worked on it since it came to its department.

    Colleagues may act all the same; that does not make it theirs.
    """
    for_head: bool = False
    """The request was disputed: only the head may close it again, not the department's software."""
    resolvers: list[str] = field(default_factory=list)
    """Officers who have closed it; none of them closes it again after a dispute."""
    barred: list[str] = field(default_factory=list)
    """Of an appeal: everybody who acted on the first request."""
    barred_departments: list[str] = field(default_factory=list)
    """Those that must not have it: they handled what is appealed against, or the complaint is about them."""
    hidden_from: list[str] = field(default_factory=list)
    """Officers who have an interest in it: for them it does not exist."""
    notes: list[dict[str, Any]] = field(default_factory=list)
    """Internal notes: {"id", "department", "by", "at", "sealed_text", "mentions"}."""
    parts: list[dict[str, Any]] = field(default_factory=list)
    """Parts of the work that other departments were asked for.

    {"id", "department", "asking", "by", "at", "sealed_task", "due_at", "state"}; after a change also "changed_at",
    "changed_by", "sealed_words".
    """
    reply_print: str | None = None
    """The keyed fingerprint of its last reply."""
    replied_at: datetime | None = None
    copied: bool = False
    """Its reply is one that the department gives to many."""
    evidence: list[str] = field(default_factory=list)
    """Files that its department added to the request since it came there, or came back."""
    acts: list[str] = field(default_factory=list)
    """The ids of all actions of a department's software, so that one which comes again counts once, however late.

    There are no more of them than steps, and those have an end (`MAX_STEPS`).
    """
    act_contents: dict[str, str] = field(default_factory=dict)
    """Fingerprints of the contents of those actions, by `field_of` their ids; older actions have none."""
    history: list[dict[str, Any]] = field(default_factory=list)

    def emit(self, event: Event, at: datetime, queue: str | None = None, second_queue: str | None = None) -> None:
        """Emit `event` with `heard`: the last event of the request that routing had taken in by then."""
        more: dict[str, Any] = {"heard": self.inbox.get("requests", 0)}
        if (actor := getattr(event, "actor", None)) in PLAIN_ACTORS:
            more["actor_kind"] = actor
        super().emit(event.model_copy(update=more), at, queue, second_queue)

    @property
    def queue(self) -> str | None:
        """The name of its department's queue; None while no department has it."""
        return f"department.{self.department}" if self.department else None

    def event_fields(self, by: str) -> dict[str, Any]:
        """The fields of every event about it; `by`: its actor."""
        return {"citizen_id": self.citizen_id, "department": self.department or "", "actor": by}

    def tell(self, event: Event, at: datetime) -> None:
        """Emit an event that its department gets too, also of what the department itself does."""
        self.emit(event, at, queue=self.queue)

    def tell_of_change(self, event: Event, at: datetime) -> None:
        """Tell its department of a change outside the history. Clients that keep a copy find it by `changed_at`."""
        if self.queue is not None:
            self.changed_at = at
            self.tell(event, at)

    def take(self, action: str, at: datetime, *, by: str, **more: Any) -> None:
        """Take an edge and note it. Raises TransitionRefusedError."""
        if not self.can(action):
            raise TransitionRefusedError(state=str(self.state))
        to = EDGES[action].leads_to(AssignmentState(self.state))
        entry = {"n": len(self.history) + 1, "action": action, "by": by, "at": at}
        entry |= {"from": str(self.state), "to": str(to), "department": self.department}
        self.history.append(entry | {key: value for key, value in more.items() if value is not None})
        self.state, self.changed_at = to, at
        self.paused_at = (self.paused_at or at) if to in PAUSED else None
        self.set_clock_at(runs=self.runs)

    @property
    def runs(self) -> bool:
        """Whether its due date comes nearer."""
        return self.state in RUNNING

    @property
    def question_open(self) -> bool:
        """Whether the citizen has a question to answer."""
        return self.state == S.QUESTIONED

    @property
    def transfers(self) -> int:
        """How often departments have transferred it; the triage desk, which only passes on, is not counted."""
        steps = [(entry["action"], entry["department"]) for entry in self.history if entry["action"] in BRINGING]
        counted = sum(action == "transfer" and before != TRIAGE for (_, before), (action, _) in pairwise(steps))
        return 0 if self.is_appeal else counted

    def transfer_from(self, department: str) -> dict[str, Any] | None:
        """The last step that took it from a department to another one; None if there is none."""
        steps = [entry for entry in self.history if entry["action"] in BRINGING]
        left = [
            after
            for before, after in pairwise(steps)
            if after["action"] == "transfer" and before["department"] == department
        ]
        return left[-1] if left else None

    @property
    def is_appeal(self) -> bool:
        """Whether it is about what was decided on another one."""
        return self.kind == APPEAL

    @property
    def remitted(self) -> bool:
        """Whether an authority has sent it back: what is decided then is final."""
        return any(entry["action"] == "remitted" for entry in self.history)

    @property
    def open_parts(self) -> list[dict[str, Any]]:
        """Parts that another department has still to do."""
        return [part for part in self.parts if part["state"] in ("asked", "accepted")]

    def change_part(self, part_id: str, state: str, at: datetime, *, by: str, words: str | None = None) -> None:
        """Note what became of a part of the work, with sealed words."""
        changed = {"state": state, "changed_at": at, "changed_by": by, **({"sealed_words": words} if words else {})}
        self.parts = [{**one, **changed} if one["id"] == part_id else one for one in self.parts]
        [part] = [one for one in self.parts if one["id"] == part_id]
        self.take("change_part", at, by=by, part=part_id, part_state=state, part_department=part["department"])

    def rate(self, rating: int | None, at: datetime) -> None:
        """Note the citizen's rating, if there is one."""
        if rating is not None:
            self.rating, self.rated_at = rating, at

    def add_evidence(self, department: str, attachment: str) -> None:
        """Note a file, if it is of the department that has the request now."""
        if department == self.department and attachment not in self.evidence:
            self.evidence = [*self.evidence, attachment]

    def can(self, action: str) -> bool:
        """Whether the action is possible now."""
        return self.state in EDGES[action].sources

    def has_room_for(self, action: str) -> bool:
        """Whether the history can take one more step of this kind; of those that lead to the end it always can."""
        if action not in REPEATABLE:
            return True
        words = sum(len(entry.get("sealed_words", "")) for entry in self.history)
        return len(self.history) < MAX_STEPS and words < MAX_WORDS

    def forget_person(self, nobody: str) -> None:
        """Keep what the department did and when, without anybody's words; `nobody` stands for the citizen."""
        self.forget_events()
        self.citizen_id, self.facts, self.reply_print, self.act_contents = nobody, {}, None, {}
        self.sealed_point = None
        self.notes = []
        self.history, self.parts = without_words(self.history), without_words(self.parts)

    def remember_act(self, act_id: str, content: str) -> None:
        """Note the id of an action that was taken, and the fingerprint of its content."""
        self.acts = [*self.acts, act_id]
        self.act_contents = {**self.act_contents, field_of(act_id): content}

    def content_of_act(self, act_id: str) -> str | None:
        """The fingerprint of the content of the action with this id; None if none was kept."""
        return self.act_contents.get(field_of(act_id))


def field_of(act_id: str) -> str:
    """An action's id as a safe field name: departments choose their ids freely."""
    return hashlib.sha256(act_id.encode()).hexdigest()[:32]


def without_words(entries: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Entries without anybody's words, which are sealed."""
    return [{name: value for name, value in one.items() if not name.startswith("sealed_")} for one in entries]
