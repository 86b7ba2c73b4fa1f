"""Choosing the department of a request by the service's ordered rules, and starting its clocks."""

from datetime import date, datetime, time
from typing import Any, Literal

from services.routing.directory import Directory, NotYetKnownError
from services.routing.estimating import DurationEstimator
from services.routing.models.assignment import APPEAL, Assignment
from services.routing.models.calendar import Calendar
from services.routing.models.clock import escalation_levels, warning_time
from services.routing.models.directory import DepartmentRecord, choose
from shared import events

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
Ending = Literal["confirmed", "withdrawn", "lapsed", "let_stand", "merged", "decided", "appeal_decided"]
WITHOUT_OUTCOME = ("withdrawn", "lapsed", "merged")
"""Endings that remove the outcome: a department that gave one at that moment was too late (docs/adr/0028)."""
APPEAL_DUE: dict[str, Any] = {"days": 30, "calendar": "elapsed"}
APPEAL_RESPOND: dict[str, Any] = {"days": 5, "calendar": "working"}
SEPARATED = {
    "en": "It was merged with another request and is a thing of its own after all.",
    "ur": "اسے دوسری درخواست کے ساتھ ملا دیا گیا تھا، مگر یہ الگ معاملہ ہے۔",
}
REVIVED = {
    "en": "The request with which it was merged was closed without being done; this one goes on by itself.",
    "ur": "جس درخواست کے ساتھ اسے ملایا گیا تھا وہ کام مکمل ہوئے بغیر بند ہو گئی؛ اب یہ الگ سے آگے بڑھے گی۔",
}


class RequestRouter:
    """Applies what citizens do to assignments. Changes records in memory; writes nothing."""

    def __init__(self, directory: Directory, calendar: Calendar, estimator: DurationEstimator) -> None:
        self._directory = directory
        self._estimator = estimator
        self._calendar = calendar

    def filed(self, assignment: Assignment, event: events.RequestFiled, now: datetime) -> None:
        """Copy what was filed; route it if its rules are met. Raises NotYetKnownError."""
        assignment.citizen_id = event.citizen_id
        assignment.service, assignment.kind = event.service, event.kind
        assignment.district, assignment.facts = event.district, dict(event.facts)
        if event.state != "verifying" or not assignment.can("route"):
            return
        service = self._directory.service(event.service, event.service_version)
        choice = choose(service.department, {"district": event.district, **event.facts})
        if choice is None:
            raise NotYetKnownError(f"no rule of {event.service} matches")
        department = self._directory.department(choice.department)
        self._start_clocks(assignment, service.due, service.respond, now)
        self.hand_over(assignment, "route", department, choice.because, now, by=BY_ROUTING)

    def _start_clocks(
        self, assignment: Assignment, due: dict[str, Any], respond: dict[str, Any], now: datetime
    ) -> None:
        """Set all times of the assignment's clocks; they are set only once."""
        assignment.routed_at = now
        assignment.respond_by = self._calendar.due(now, respond)
        assignment.due_at = self._calendar.due(now, due)
        assignment.due_counted = str(due["calendar"])
        assignment.warn_at = warning_time(now, assignment.due_at, assignment.due_counted, self._calendar)
        assignment.levels = escalation_levels(due, assignment.kind, now, assignment.due_at, self._calendar)

    def add_levels(self, assignment: Assignment) -> None:
        """Give an assignment that is older than escalation levels the levels of its service."""
        service = self._directory.services.get(assignment.service)
        limit = APPEAL_DUE if assignment.is_appeal or service is None else service.due
        start, due = assignment.routed_at, assignment.due_at
        if assignment.levels is None and start is not None and due is not None:
            assignment.levels = escalation_levels(limit, assignment.kind, start, due, self._calendar)

    def end_of_day(self, day: date) -> datetime:
        """When offices close on that day, or on the next working day."""
        return self._calendar.closing(datetime.combine(day, time(0, 1), self._calendar.zone))

    def hand_over(
        self,
        assignment: Assignment,
        action: Literal["route", "transfer", "separated"],
        department: DepartmentRecord,
        because: dict[str, str],
        now: datetime,
        *,
        by: str,
    ) -> None:
        """Put the assignment at a department and on its queue.

        The clocks run on through a transfer, and stand still as before while the citizen has a question to answer.
        """
        asked = action == "transfer" and assignment.question_open
        if not asked:
            self._resume_clock(assignment, now)
        assignment.department, assignment.because, assignment.evidence = department.id, because, []
        assignment.taken_by = None
        assignment.take(action, now, by=by, because=because)
        assert assignment.respond_by is not None
        assert assignment.due_at is not None
        routed = events.RequestRouted(
            citizen_id=assignment.citizen_id,
            department=department.id,
            department_name=department.name,
            because=because,
            service=assignment.service,
            service_name=self._directory.services[assignment.service].name,
            kind=assignment.kind,
            district=assignment.district,
            respond_by=assignment.respond_by,
            due_at=assignment.due_at,
            details=f"/api/v1/requests/{assignment.id}",
            actor=by,
            expected=self._expected(assignment, department, now),
            question_open=asked or None,
        )
        assignment.emit(routed, now, queue=department.queue)

    def answered(self, assignment: Assignment, now: datetime) -> None:
        """Resume the clock after the citizen's answer, and tell the department its new due date."""
        if assignment.can("answered"):
            self._resume_clock(assignment, now)
            assignment.take("answered", now, by=BY_CITIZEN, due_at=assignment.due_at)
            event = events.RequestResumed(
                citizen_id=assignment.citizen_id,
                department=assignment.department or "",
                due_at=assignment.due_at,
                delayed_until=assignment.delayed_until,
            )
            assignment.emit(event, now, queue=self._queue(assignment))

    def disputed(self, assignment: Assignment, event: events.RequestDisputed, now: datetime) -> None:
        """Reopen it for the head of the department."""
        if assignment.can("disputed"):
            self._resume_clock(assignment, now)
            assignment.take("disputed", now, by=BY_CITIZEN, reason=event.reason)
            self._reopen(assignment, event.reason, now)

    def appealed(self, assignment: Assignment, now: datetime) -> None:
        """Wait for the authority."""
        if assignment.can("appealed"):
            assignment.take("appealed", now, by=BY_CITIZEN)

    def appeal_filed(self, assignment: Assignment, event: events.RequestAppealFiled, now: datetime) -> None:
        """Route an appeal to its authority. Raises NotYetKnownError."""
        if not assignment.can("route"):
            return
        handled = self._directory.department(event.department)
        authority = self._directory.authority_over(event.department, event.departments)
        assignment.citizen_id, assignment.kind = event.citizen_id, APPEAL
        assignment.service, assignment.district = event.service, event.district
        assignment.barred = list(event.actors)
        assignment.barred_departments = [code for code in event.departments if code != authority.id]
        self._start_clocks(assignment, APPEAL_DUE, APPEAL_RESPOND, now)
        because = {
            "en": f"It hears appeals against decisions of: {handled.name['en']}.",
            "ur": f"{handled.name['ur']} کے فیصلوں کے خلاف اپیلیں یہاں سنی جاتی ہیں۔",
        }
        self.hand_over(assignment, "route", authority, because, now, by=BY_ROUTING)

    def remitted(self, assignment: Assignment, event: events.RequestRemitted, now: datetime) -> None:
        """Reopen it for the head of the department, with the authority's words."""
        if assignment.can("remitted"):
            self._resume_clock(assignment, now)
            assignment.take("remitted", now, by=BY_AUTHORITY)
            self._reopen(assignment, "appeal_granted", now, event.words or None)

    def separated(self, assignment: Assignment, now: datetime, because: dict[str, str] = SEPARATED) -> None:
        """Put what was closed by a merge at its department again; its clocks have run on."""
        if not assignment.history or assignment.history[-1]["action"] != "merged":
            return
        department = self._directory.department(assignment.department or "")
        assignment.outcome, assignment.resolved_at = (
            None,
            None,
        )  # it may have been resolved before it was merged
        self.hand_over(assignment, "separated", department, because, now, by=BY_ROUTING)

    def end(self, assignment: Assignment, reason: Ending, now: datetime, *, into: str | None = None) -> None:
        """Close the assignment; its department, if it has one, is told. `into`: of a merge, where it goes on."""
        if assignment.can(reason):
            if reason == "merged":
                self._resume_clock(assignment, now)  # the department has this time if the merge is undone
            assignment.take(reason, now, by=BY.get(reason, BY_CITIZEN), into=into)
            if reason in WITHOUT_OUTCOME:
                assignment.outcome = assignment.resolved_at = None
            closed = events.RequestClosed(
                citizen_id=assignment.citizen_id, department=assignment.department or "", reason=reason, into=into
            )
            assignment.emit(closed, now, queue=self._queue(assignment))

    def _expected(
        self, assignment: Assignment, department: DepartmentRecord, now: datetime
    ) -> events.ExpectedRange | None:
        """The estimate of when it will be done; None for an appeal and for a reopened request."""
        return (
            None
            if assignment.is_appeal or assignment.for_head
            else self._estimator.expected(assignment.service, department.id, now)
        )

    def _reopen(self, assignment: Assignment, reason: str, now: datetime, words: str | None = None) -> None:
        """Have the head begin anew, with the time that was left when it was resolved."""
        assignment.outcome, assignment.resolved_at, assignment.evidence = None, None, []
        assignment.for_head, assignment.taken_by = True, None
        reopened = events.RequestReopened(
            citizen_id=assignment.citizen_id,
            department=assignment.department or "",
            reason=reason,
            words=words,
            due_at=assignment.due_at,
            delayed_until=assignment.delayed_until,
        )
        assignment.emit(reopened, now, queue=self._queue(assignment))

    def _resume_clock(self, assignment: Assignment, now: datetime) -> None:
        """Move the due date, and all times that depend on it, by the length of the pause."""
        if (paused := assignment.paused_at) is not None:
            assignment.shift(lambda at: self._calendar.moved(at, paused, now, assignment.due_counted))

    @staticmethod
    def _queue(assignment: Assignment) -> str | None:
        return f"department.{assignment.department}" if assignment.department else None
