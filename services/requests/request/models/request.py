"""A request: its content, its state, and the history of its steps."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from services.requests.request.models import chain
from services.requests.request.models.lifecycle import (
    ENDED,
    STAGES,
    UNVERIFIED,
    ActorKind,
    Ended,
    State,
    actions_of,
    ended_as,
    target,
)
from services.requests.request.models.waiting import Wait, Waits, wait_of
from shared.clock import utc_now
from shared.events import ANONYMOUS, Event
from shared.records import Record
from shared.transitions import TooManyStepsError, TransitionRefusedError

Channel = Literal["web", "counter", "phone", "open311", "api"]
"""How a request came in."""


MAX_STEPS = 500
RATE_WITHIN = timedelta(days=30)
MAX_EVENTS = 6000
"""Every new and every lost follower is an event."""


@dataclass(kw_only=True)
class Request(Record):
    """One document of `requests`; the tracking number is its id. Sealed texts are named `sealed_...`."""

    citizen_id: str = ""
    sealed_citizen: str | None = None
    """In place of the citizen's id in the events of a confidential request (`shared.events.CONFIDENTIAL`)."""
    confidential: bool = False
    filed_by: str | None = None
    """The clerk who filed it for the citizen."""
    channel: Channel = "web"
    public_id: str | None = None
    """Its id in published data, if it is published. Nobody can track it by this id (docs/adr/0042)."""
    partner: str | None = None
    """The partner whose app filed it."""
    publication: dict[str, Any] | None = None
    """Words that an officer has published: {"sealed", "by", "at"}."""
    sealed_track_code: str | None = None
    """Of an anonymous or confidential request: for tracking, in place of the mobile's last four digits."""
    act_key_index: str | None = None
    """Of an anonymous request: the blind index of the key that lets its filer read and act."""
    kind: str = ""
    service: str = ""
    service_version: int = 0
    district: str = ""
    district_by: str = "citizen"
    """The source of the district: citizen, point or address."""
    point: dict[str, float] | None = None
    spot: dict[str, Any] | None = None
    """The point as GeoJSON, for queries of requests nearby."""
    sealed_point: str | None = None
    """The point as events carry it to routing: "latitude,longitude"."""
    sealed_answers: str = ""
    sealed_address: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    state: State = State.SUBMITTED
    submitted_at: datetime = datetime.min
    changed_at: datetime = datetime.min
    idempotency_key: str = ""
    body_hash: str = ""
    active_service: str | None = None
    intended: str | None = None
    """While held up by verification: the department to which it would go, and whose officers may override."""
    department: str | None = None
    department_name: dict[str, str] | None = None
    hidden_from: list[str] = field(default_factory=list)
    """Officers who have an interest in it: for them it does not exist."""
    due_at: datetime | None = None
    respond_by: datetime | None = None
    expected: dict[str, Any] | None = None
    """When it will probably be resolved (`shared.events.ExpectedRange`)."""
    overdue_at: datetime | None = None
    """When it was marked as overdue."""
    escalated_to: dict[str, str] | None = None
    """The office of the official to whom it was escalated, in both languages."""
    escalation_level: int | None = None
    delayed_until: datetime | None = None
    """The latest new date that its department gave; the due date stays."""
    outcome: str | None = None
    resolved_at: datetime | None = None
    appeal: str | None = None
    """The number of the appeal against it."""
    appeal_of: str | None = None
    """Of an appeal: the number of the request that it is about."""
    appeal_filing: dict[str, str] = field(default_factory=dict)
    """Idempotency-Key and digest of the text of the appeal against it."""
    disputed: bool = False
    """The citizen disputed an outcome: the next one is the head's, against which only an appeal is possible."""
    waits: dict[str, Any] = field(default_factory=dict)
    """The waiting times when it was filed, from `Waits.kept`."""
    waiting_since: datetime | None = None
    reminders: int = 0
    clock: str | None = None
    """The step that its clock takes at `clock_at`."""
    clock_at: datetime | None = None
    followers: list[dict[str, Any]] = field(default_factory=list)
    """Followers: {"citizen_id", "since", "through": number of the merged request or None, "by": clerk, if any}."""
    duplicate_of: str | None = None
    """The number of its primary."""
    apart_since: int = 0
    """Its `seq` when it was last separated from a primary. Earlier steps of its department do not change the state."""
    passes_on: bool = False
    """It ended without an outcome, and requests merged into it are still to be revived."""
    history: list[dict[str, Any]] = field(default_factory=list)
    history_seal: str = ""
    anonymised_at: datetime | None = None
    ended: Ended | None = None
    """How it ended; None again once it is anonymised."""
    attachments: list[dict[str, Any]] = field(default_factory=list)
    """Entries of its files (`attachment.Attachment.entry`)."""
    discarded: list[str] = field(default_factory=list)
    """Ids of files that the sweep is to delete."""

    @property
    def stage(self) -> str:
        """The stage that a citizen sees."""
        return STAGES[State(self.state)]

    @property
    def anonymous(self) -> bool:
        """Whether it was filed without a name."""
        return self.citizen_id.startswith(ANONYMOUS)

    @property
    def hides_citizen(self) -> bool:
        """Whether its department may not know who filed it."""
        return self.confidential or self.anonymous

    @property
    def follower_count(self) -> int:
        """The number of citizens who follow it; one can do so directly and through merged requests."""
        return len({follower["citizen_id"] for follower in self.followers})

    @property
    def merged_into(self) -> str | None:
        """The number of its primary, while it is merged."""
        return self.duplicate_of if self.state == State.DUPLICATE else None

    @property
    def wait(self) -> Wait | None:
        """What it waits for if the next step is its citizen's."""
        return wait_of(State(self.state), Waits.of(self.waits), by_head=self.disputed, final=self.appeal is not None)

    @property
    def waits_until(self) -> datetime | None:
        """When the clock acts in place of the citizen; None if it does not wait for the citizen."""
        wait = self.wait
        return self.waiting_since + timedelta(days=wait.limit) if wait and self.waiting_since else None

    @property
    def citizen_actions(self) -> list[str]:
        """What its citizen can do now: the table's edges, except used-up ones, and rating."""
        used_up = {"dispute"} if self.disputed else {"appeal"}
        if self.appeal is not None or self.appeal_of is not None:
            used_up = {"dispute", "appeal"}
        left = [action for action in actions_of(ActorKind.CITIZEN, State(self.state)) if action not in used_up]
        return [*left, "rate"] if self.may_rate(utc_now()) else left

    def require_steps_left(self) -> None:
        """Raise TooManyStepsError if the history is full.

        Not for steps towards the end: answers, confirmation, disputes, appeals, withdrawal, events of routing.
        """
        if len(self.history) >= MAX_STEPS or self.seq >= MAX_EVENTS:
            raise TooManyStepsError

    @property
    def rated(self) -> bool:
        """Whether its citizen has rated it."""
        return any("rating" in entry for entry in self.history)

    def may_rate(self, now: datetime) -> bool:
        """Whether its citizen can rate it: once, within RATE_WITHIN after it ended."""
        over = self.state in (State.CLOSED, State.CONFIRMED) and now <= self.changed_at + RATE_WITHIN
        return over and not self.rated

    def emit(self, event: Event, at: datetime, queue: str | None = None, second_queue: str | None = None) -> None:
        """Emit an event; if the request is confidential, with the sealed citizen in place of the id."""
        if self.sealed_citizen is not None and getattr(event, "citizen_id", None) == self.citizen_id:
            event = event.model_copy(update={"citizen_id": self.sealed_citizen})
        super().emit(event, at, queue, second_queue)

    def discard_attachments(self) -> None:
        """Have the sweep delete all files after the next write."""
        self.discarded = [*self.discarded, *(entry["id"] for entry in self.attachments)]
        self.attachments = []

    def take(self, action: str, who: ActorKind, at: datetime, *, by: str | None = None, **more: Any) -> None:
        """Take an edge of the life cycle and note it. Raises TransitionRefusedError, also for anonymised requests."""
        to = target(action, who, State(self.state))
        if to is None or self.anonymised_at is not None:
            raise TransitionRefusedError(state=str(self.state))
        self._add(action, who, at, by, to, more)

    def hear(
        self, action: str, who: ActorKind, at: datetime, heard: int | None = None, *, by: str | None = None, **more: Any
    ) -> bool:
        """Apply a step from another service; returns whether the state changed.

        If there is no edge, because the citizen was faster, the step is only noted. So are steps from before the
        department had heard that the request was separated from a primary (`heard`).
        """
        late = heard is not None and heard < self.apart_since
        to = None if late else target(action, who, State(self.state))
        self._add(action, who, at, by, to, more)
        return to is not None

    def note(self, action: str, who: ActorKind, at: datetime, *, by: str | None = None, **more: Any) -> None:
        """Add a step to the history without changing the state."""
        self._add(action, who, at, by, None, more)

    def _add(
        self, action: str, who: ActorKind, at: datetime, by: str | None, to: State | None, more: dict[str, Any]
    ) -> None:
        """Add a step to the history; `to` is the new state, if any. `at` is when it happened, `noted_at` is now."""
        now = utc_now()
        if self.anonymised_at is not None:  # texts that arrive after anonymisation are dropped
            more = {key: value for key, value in more.items() if not key.startswith("sealed_")}
        entry = {key: value for key, value in more.items() if value is not None} | {
            "n": len(self.history) + 1,
            "action": action,
            "who": str(who),
            "by": by,
            "at": at,
            "noted_at": now,
            "from": str(self.state),
            "to": str(to or self.state),
        }
        chain.append(self.id, self.history, entry)
        self.changed_at = now
        if to is not None:
            if self.state == State.DUPLICATE:
                self.apart_since = self.seq
            self.state = to
            if to is State.WITHDRAWN:
                self.outcome = self.resolved_at = None
            self.ended = ended_as(to, self.outcome) if self.anonymised_at is None else None
            if to in ENDED:
                self.active_service = None
                self.passes_on = to is State.WITHDRAWN or self.outcome is None
            if to not in UNVERIFIED:
                self.intended = None
            self.waiting_since, self.reminders = now, 0
            self._wind()

    def reminded(self) -> None:
        """Count a reminder and set the clock to the next step."""
        self.reminders += 1
        self._wind()

    def _wind(self) -> None:
        """Set the clock to the next due step in this state."""
        self.clock = self.clock_at = None
        wait = self.wait
        if wait is None or self.waiting_since is None:
            self.waiting_since = None
            if errand := self._errand():
                self.clock, self.clock_at = errand, self.changed_at
        else:
            self.clock, after = wait.step(self.reminders)
            self.clock_at = self.waiting_since + after

    def _errand(self) -> str | None:
        """The errand that is due at once between a request and its appeal (`life/service/appeals.py`)."""
        if self.state == State.UNDER_APPEAL:
            return "file_appeal"
        if self.state in ENDED and self.appeal_of is not None:
            return "pass_decision"
        if self.state == State.WITHDRAWN and self.appeal is not None:
            return "withdraw_appeal"
        return None
