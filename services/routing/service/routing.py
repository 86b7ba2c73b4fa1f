"""Choosing the department of a request by the service's ordered rules, and starting its clocks."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Literal

import structlog

from services.routing.directory import Directory
from services.routing.estimating import DurationEstimator
from services.routing.metrics import UNDECIDED
from services.routing.models import reasons
from services.routing.models.assignment import APPEAL, Assignment
from services.routing.models.calendar import Calendar
from services.routing.models.clock import escalation_levels, warning_time
from services.routing.models.directory import TRIAGE, Choice, DepartmentRecord, ServiceCopy, choose
from services.routing.rules.service.in_force import RulesInForce
from shared import events
from shared.events import Event
from shared.events.routing import ActorKind

log = structlog.get_logger(__name__)
BY_ROUTING = "routing"
BY_CITIZEN = "citizen"
BY_CLOCK = "clock"
BY_AUTHORITY = "authority"
BY: dict[str, str] = {
    "lapsed": BY_CLOCK,
    "let_stand": BY_CLOCK,
    "merged": "officer",
    "decided": BY_ROUTING,
    "appeal_decided": BY_AUTHORITY,
}
RoutedReason = Literal["first", "transfer", "separated", "revived"]
WHY: dict[str, RoutedReason] = {"route": "first", "transfer": "transfer", "separated": "separated"}
Ending = Literal["confirmed", "withdrawn", "lapsed", "let_stand", "merged", "decided", "appeal_decided"]
WITHOUT_OUTCOME = ("withdrawn", "lapsed", "merged")
"""Endings that remove the outcome: a department that gave one at that moment was too late (docs/adr/0028)."""
APPEAL_DUE: dict[str, Any] = {"days": 30, "calendar": "elapsed"}
APPEAL_RESPOND: dict[str, Any] = {"days": 5, "calendar": "working"}
NAMES_DEPARTMENT = "names_department"
"""The question of a form, and the fact, that says which department a complaint is about."""


@dataclass(slots=True)
class RequestRouter:
    """Applies what citizens do to assignments. Changes records in memory; writes nothing."""

    directory: Directory
    calendar: Calendar
    estimator: DurationEstimator
    rules: RulesInForce | None = None

    def filed(self, assignment: Assignment, event: events.RequestFiled, now: datetime) -> None:
        """Copy what was filed; route it if its rules are met. Raises NotYetKnownError."""
        assignment.citizen_id = event.citizen_id
        assignment.service, assignment.kind = event.service, event.kind
        assignment.district, assignment.facts = event.district, dict(event.facts)
        assignment.channel, assignment.sealed_point = event.channel, event.point
        if event.state != "verifying" or not assignment.can("route"):
            return
        named = event.facts.get(NAMES_DEPARTMENT)
        assignment.barred_departments = [named] if isinstance(named, str) else []
        service = self.directory.service(event.service, event.service_version)
        choice = self._choice(assignment, service, now)
        department = self.directory.department(choice.department)
        self._start_clocks(assignment, service.due, service.respond, now)
        self.hand_over(assignment, "route", department, choice.because, now, by=BY_ROUTING)
        if choice.rule is not None:
            assignment.history[-1] |= {"rule": choice.rule, "rules_version": choice.version}

    def _choice(self, assignment: Assignment, service: ServiceCopy, now: datetime) -> Choice:
        """By the portal's rule set, else by the service's own rules, else by a person at the triage desk."""
        chosen = self.rules.choose(assignment, now) if self.rules else None
        chosen = chosen or choose(service.department, {"district": assignment.district, **assignment.facts})
        if chosen is not None and chosen.department in self.directory.departments:
            return chosen
        UNDECIDED.inc()
        log.warning("routing.undecided", service=service.id, department=chosen and chosen.department)
        return Choice(TRIAGE, reasons.UNDECIDED)

    def _start_clocks(
        self, assignment: Assignment, due: dict[str, Any], respond: dict[str, Any], now: datetime
    ) -> None:
        """Set all times of the assignment's clocks; they are set only once."""
        assignment.routed_at = now
        assignment.respond_by = self.calendar.due(now, respond)
        assignment.due_at = self.calendar.due(now, due)
        assignment.due_counted = str(due["calendar"])
        assignment.warn_at = warning_time(now, assignment.due_at, assignment.due_counted, self.calendar)
        assignment.levels = escalation_levels(due, assignment.kind, now, assignment.due_at, self.calendar)

    def add_levels(self, assignment: Assignment) -> None:
        """Give an assignment that is older than escalation levels the levels of its service."""
        service = self.directory.services.get(assignment.service)
        limit = APPEAL_DUE if assignment.is_appeal or service is None else service.due
        start, due = assignment.routed_at, assignment.due_at
        if assignment.levels is None and start is not None and due is not None:
            assignment.levels = escalation_levels(limit, assignment.kind, start, due, self.calendar)

    def end_of_day(self, day: date) -> datetime:
        """When offices close on that day, or on the next working day."""
        return self.calendar.closing(datetime.combine(day, time(0, 1), self.calendar.zone))

    def hand_over(
        self,
        assignment: Assignment,
        action: Literal["route", "transfer", "separated"],
        department: DepartmentRecord,
        because: dict[str, str],
        now: datetime,
        *,
        by: str,
        actor_kind: ActorKind | None = None,
        why: RoutedReason | None = None,
        sealed_words: str | None = None,
    ) -> None:
        """Put the assignment at a department and on its queue; `sealed_words`: the reason of a transfer.

        The clocks run on through a transfer, and stand still as before while the citizen has a question to answer.
        """
        department, because = self._past_conflicts(assignment, department, because)
        asked = action == "transfer" and assignment.question_open
        if not asked:
            self._resume_clock(assignment, now)
        assignment.department, assignment.because, assignment.evidence = department.id, because, []
        assignment.taken_by = None
        assignment.take(action, now, by=by, because=because, sealed_words=sealed_words)
        assert assignment.respond_by is not None
        assert assignment.due_at is not None
        routed = events.RequestRouted(
            citizen_id=assignment.citizen_id,
            department=department.id,
            department_name=department.name,
            because=because,
            service=assignment.service,
            service_name=self.directory.services[assignment.service].name,
            kind=assignment.kind,
            district=assignment.district,
            respond_by=assignment.respond_by,
            due_at=assignment.due_at,
            details=f"/api/v1/requests/{assignment.id}",
            actor=by,
            actor_kind=actor_kind,
            expected=self._expected(assignment, department, now),
            question_open=asked or None,
            why=why or WHY[action],
        )
        assignment.emit(routed, now, queue=department.queue)

    def _past_conflicts(
        self, assignment: Assignment, department: DepartmentRecord, because: dict[str, str]
    ) -> tuple[DepartmentRecord, dict[str, str]]:
        """The department that gets it, and why: one that must not have it is passed over, for the one above it."""
        if department.id not in assignment.barred_departments:
            return department, because
        above = self.directory.authority_over(department.id, assignment.barred_departments)
        return above, reasons.naming(reasons.ABOUT_DEPARTMENT, department.name)

    def above(self, assignment: Assignment) -> DepartmentRecord | None:
        """The office above its department that did not have it yet; None if there is none."""
        here = assignment.department or ""
        handled = [*assignment.barred_departments, here]
        found = self.directory.authority_over(here, handled)
        return found if found.id not in handled else None

    def answered(self, assignment: Assignment, _: events.RequestAnswered, now: datetime) -> None:
        """Resume the clock after the citizen's answer, and tell the department its new due date."""
        if assignment.can("answered"):
            self._resume_clock(assignment, now)
            assignment.take("answered", now, by=BY_CITIZEN, due_at=assignment.due_at)
            fields = assignment.event_fields(BY_CITIZEN) | {"due_at": assignment.due_at}
            assignment.tell(events.RequestResumed(**fields, delayed_until=assignment.delayed_until), now)

    def disputed(self, assignment: Assignment, event: events.RequestDisputed, now: datetime) -> None:
        """Reopen it for the head of the department."""
        if assignment.can("disputed"):
            self._resume_clock(assignment, now)
            assignment.take("disputed", now, by=BY_CITIZEN, reason=event.reason)
            self._reopen(assignment, event.reason, now, BY_CITIZEN)

    def appealed(self, assignment: Assignment, event: events.RequestAppealed, now: datetime) -> None:
        """Pause it until the authority has decided."""
        if assignment.can("appealed"):
            assignment.take("appealed", now, by=BY_CITIZEN)
            about = assignment.event_fields(BY_CITIZEN)
            told = events.RequestUnderAppeal(**about, appeal=event.appeal, due_at=assignment.due_at)
            assignment.tell(told, now)

    def appeal_filed(self, assignment: Assignment, event: events.RequestAppealFiled, now: datetime) -> None:
        """Route an appeal to its authority. Raises NotYetKnownError."""
        if not assignment.can("route"):
            return
        handled = self.directory.department(event.department)
        authority = self.directory.authority_over(event.department, event.departments)
        assignment.citizen_id, assignment.kind = event.citizen_id, APPEAL
        assignment.service, assignment.district = event.service, event.district
        assignment.barred = list(event.actors)
        assignment.barred_departments = [code for code in event.departments if code != authority.id]
        self._start_clocks(assignment, APPEAL_DUE, APPEAL_RESPOND, now)
        because = reasons.naming(reasons.HEARS_APPEALS, handled.name)
        self.hand_over(assignment, "route", authority, because, now, by=BY_ROUTING)

    def remitted(self, assignment: Assignment, event: events.RequestRemitted, now: datetime) -> None:
        """Reopen it for the head of the department, with the authority's words."""
        if assignment.can("remitted"):
            self._resume_clock(assignment, now)
            assignment.take("remitted", now, by=BY_AUTHORITY)
            self._reopen(assignment, "appeal_granted", now, BY_AUTHORITY, event.words or None)

    def separated(
        self, assignment: Assignment, _: Event, now: datetime, *, because: dict[str, str], why: RoutedReason
    ) -> None:
        """Route a merged request to its department again; its clocks went on meanwhile."""
        if not assignment.history or assignment.history[-1]["action"] != "merged":
            return
        department = self.directory.department(assignment.department or "")
        assignment.outcome = assignment.resolved_at = None  # it may have been resolved before it was merged
        self.hand_over(assignment, "separated", department, because, now, by=BY_ROUTING, why=why)

    def end(
        self,
        assignment: Assignment,
        reason: Ending,
        now: datetime,
        *,
        into: str | None = None,
        rating: int | None = None,
    ) -> None:
        """Close the assignment; its department, if it has one, is told. `into`: of a merge, where it goes on."""
        if assignment.can(reason):
            if reason == "merged":
                self._resume_clock(assignment, now)  # the department has this time if the merge is undone
            self._cancel_parts(assignment, now)
            by = BY.get(reason, BY_CITIZEN)
            assignment.take(reason, now, by=by, into=into)
            if reason in WITHOUT_OUTCOME:
                assignment.outcome = assignment.resolved_at = None
            closed = events.RequestClosed(**assignment.event_fields(by), reason=reason, into=into, rating=rating)
            assignment.tell(closed, now)

    def anonymised(self, assignment: Assignment, event: events.RequestAnonymised, now: datetime) -> None:
        """Erase its personal data, and oblige every department that ever had it to erase its copies."""
        had = [entry["department"] for entry in (*assignment.history, *assignment.parts)] + [assignment.department]
        for department in dict.fromkeys(code for code in had if code):
            erased = events.RequestErased(
                citizen_id=event.citizen_id, department=department, actor=BY_ROUTING, reason=event.reason
            )
            assignment.emit(erased, now, queue=f"department.{department}")
        assignment.forget_person(event.citizen_id)

    @staticmethod
    def _cancel_parts(assignment: Assignment, now: datetime) -> None:
        """Tell other departments that their part of the work is not needed any more."""
        for part in assignment.open_parts:
            assignment.change_part(part["id"], "cancelled", now, by=BY_ROUTING)
            emit_part_change(assignment, part["id"], now, by=BY_ROUTING, kind="routing")

    def _expected(
        self, assignment: Assignment, department: DepartmentRecord, now: datetime
    ) -> events.ExpectedRange | None:
        """The estimate of when it will be done; None for an appeal and for a reopened request."""
        if assignment.is_appeal or assignment.for_head:
            return None
        return self.estimator.expected(assignment.service, department.id, now)

    def _reopen(self, assignment: Assignment, reason: str, now: datetime, by: str, words: str | None = None) -> None:
        """Let the head start again, with the time that was left when it was resolved."""
        assignment.outcome, assignment.resolved_at, assignment.evidence = None, None, []
        assignment.for_head, assignment.taken_by = True, None
        reopened = events.RequestReopened(
            **assignment.event_fields(by),
            reason=reason,
            words=words,
            for_head=True,
            due_at=assignment.due_at,
            delayed_until=assignment.delayed_until,
        )
        assignment.tell(reopened, now)

    def _resume_clock(self, assignment: Assignment, now: datetime) -> None:
        """Move the due date, and all times that depend on it, by the length of the pause."""
        if (paused := assignment.paused_at) is not None:
            assignment.shift(lambda at: self.calendar.moved(at, paused, now, assignment.due_counted))


def emit_part_change(assignment: Assignment, part_id: str, now: datetime, *, by: str, kind: ActorKind) -> None:
    """Tell both departments what became of a part: the one that has the request, and the one that was asked."""
    [part] = [one for one in assignment.parts if one["id"] == part_id]
    event = events.RequestPartChanged(
        **assignment.event_fields(by), actor_kind=kind, part=part_id, to=part["department"], state=part["state"]
    )
    assignment.emit(event, now, queue=assignment.queue, second_queue=f"department.{part['department']}")
