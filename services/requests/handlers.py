"""Handlers of other services' events; the tables at the end list them."""

from typing import cast

from services.requests.request.models.lifecycle import AT_DEPARTMENT, ENDED, ActorKind
from services.requests.request.models.replicas import CitizenReplica, Colleague, DepartmentReplica
from services.requests.request.models.request import Request
from shared import events
from shared.clock import utc_now
from shared.envelope import Envelope
from shared.events import Event
from shared.inbox import Apply


def routed(request: Request, event: Event, envelope: Envelope) -> None:
    """The request is at a department: note which, why, and the due date. With an open question the state stays."""
    payload = cast(events.RequestRouted, event)
    request.department, request.department_name = payload.department, payload.department_name
    request.due_at, request.respond_by = payload.due_at, payload.respond_by
    request.expected = payload.expected.model_dump() if payload.expected else None
    more = {"because": payload.because, "department": payload.department}
    if payload.question_open:
        request.note("route", ActorKind.ROUTING, envelope.at, by="routing", **more)
    else:
        request.hear("route", ActorKind.ROUTING, envelope.at, payload.heard, by="routing", **more)


def accepted(request: Request, event: Event, envelope: Envelope) -> None:
    """The department accepted the request."""
    request.hear("accept", ActorKind.DEPARTMENT, envelope.at, _heard(event), by=_actor(event))


def questioned(request: Request, event: Event, envelope: Envelope) -> None:
    """The department asked the citizen a question."""
    payload = cast(events.RequestQuestioned, event)
    request.hear(
        "question", ActorKind.DEPARTMENT, envelope.at, _heard(event), by=payload.actor, sealed_words=payload.question
    )


def progressed(request: Request, event: Event, envelope: Envelope) -> None:
    """The department reported progress."""
    payload = cast(events.RequestProgressed, event)
    request.hear(
        "progress", ActorKind.DEPARTMENT, envelope.at, _heard(event), by=payload.actor, sealed_words=payload.note
    )


def transferred(request: Request, event: Event, envelope: Envelope) -> None:
    """The request goes to another department; with an open question the state stays, so that the citizen can answer."""
    payload = cast(events.RequestTransferred, event)
    more = {"sealed_words": payload.reason, "department": payload.to}
    if payload.question_open:
        request.note("transfer", ActorKind.DEPARTMENT, envelope.at, by=payload.actor, **more)
    else:
        request.hear("transfer", ActorKind.DEPARTMENT, envelope.at, payload.heard, by=payload.actor, **more)


def resolved(request: Request, event: Event, envelope: Envelope) -> None:
    """The department resolved the request; the citizen can confirm or dispute the outcome."""
    payload = cast(events.RequestResolved, event)
    more = {"outcome": payload.outcome, "reason": payload.reason, "copied": payload.copied, "level": payload.level}
    if request.hear(
        "resolve",
        ActorKind.DEPARTMENT,
        envelope.at,
        _heard(event),
        by=payload.actor,
        sealed_words=payload.reply,
        **more,
    ):
        request.outcome, request.resolved_at = payload.outcome, envelope.at


def resumed(request: Request, event: Event, envelope: Envelope) -> None:
    """The department has the citizen's answer: set the new due date. The state changed with the answer."""
    _move_dates(request, cast(events.RequestResumed, event))


def reopened(request: Request, event: Event, envelope: Envelope) -> None:
    """The disputed request is with the head of the department."""
    _move_dates(request, cast(events.RequestReopened, event))
    if request.hear("reopen", ActorKind.ROUTING, envelope.at, _heard(event), by="routing"):
        request.outcome = None
        request.expected = None  # durations of other requests say nothing about a reopened one


def delayed(request: Request, event: Event, envelope: Envelope) -> None:
    """The department gave a reason for a delay, and a new date."""
    payload = cast(events.RequestDelayed, event)
    request.delayed_until = payload.until
    request.note(
        "delay", ActorKind.DEPARTMENT, envelope.at, by=payload.actor, sealed_words=payload.reason, until=payload.until
    )


def due_soon(_: Request, __: Event, ___: Envelope) -> None:
    """Do nothing: only the department is warned."""


def overdue(request: Request, event: Event, envelope: Envelope) -> None:
    """Mark the request as overdue, unless it ended meanwhile."""
    if request.state in AT_DEPARTMENT:
        request.overdue_at = envelope.at
        request.note("overdue", ActorKind.CLOCK, envelope.at)


def escalated(request: Request, event: Event, envelope: Envelope) -> None:
    """The overdue request was escalated to a higher official."""
    payload = cast(events.RequestEscalated, event)
    if request.state in AT_DEPARTMENT:
        request.escalated_to, request.escalation_level = payload.official, payload.level
        request.note("escalate", ActorKind.CLOCK, envelope.at, official=payload.official)


def recused(request: Request, event: Event, _: Envelope) -> None:
    """An officer has an interest in the request: for that officer it does not exist any more."""
    officer = cast(events.RequestRecused, event).officer
    if officer not in request.hidden_from:
        request.hidden_from = [*request.hidden_from, officer]


def within_the_department(_: Request, __: Event, ___: Envelope) -> None:
    """Do nothing: the citizen is not told which officer has it, and who does which part of the work."""


def for_departments(_: Request, __: Event, ___: Envelope) -> None:
    """Do nothing: it tells a department's software what happened here."""


def closed(request: Request, event: Event, envelope: Envelope) -> None:
    """The department closed the request; it may have ended before by the citizen or a clock."""
    if request.state not in ENDED:
        request.hear("close", ActorKind.ROUTING, envelope.at, _heard(event), by="routing")


def citizen_registered(citizen: CitizenReplica, event: Event, envelope: Envelope) -> None:
    """Store name and mobile, sealed as they came: for departments, and for tracking by the last four digits."""
    payload = cast(events.CitizenRegistered, event)
    citizen.sealed_name, citizen.sealed_mobile = payload.name, payload.mobile


def citizen_verified(citizen: CitizenReplica, event: Event, envelope: Envelope) -> None:
    """The account was opened."""
    citizen.verified = True


def identity_checked(citizen: CitizenReplica, event: Event, _: Envelope) -> None:
    """Store the registry's verdict."""
    citizen.identity = cast(events.CitizenIdentityChecked, event).identity


def citizen_corrected(citizen: CitizenReplica, event: Event, _: Envelope) -> None:
    """Store a changed name."""
    name = cast(events.CitizenCorrected, event).name
    if name:
        citizen.sealed_name, citizen.corrected_at = name, utc_now()


def mobile_changed(citizen: CitizenReplica, event: Event, _: Envelope) -> None:
    """Store a changed, restored or proven mobile."""
    payload = cast(events.CitizenMobileChanged | events.CitizenMobileRestored | events.CitizenMobileProven, event)
    citizen.sealed_mobile, citizen.corrected_at = payload.mobile, utc_now()


def citizen_erased(citizen: CitizenReplica, _: Event, envelope: Envelope) -> None:
    """Forget the citizen; the sweep anonymises the requests, until no access token of the citizen can file any more."""
    citizen.sealed_name = citizen.sealed_mobile = citizen.corrected_at = None
    citizen.verified = False
    citizen.erasing_until = utc_now() + events.ERASURE_WINDOW


def nothing_to_do(_: CitizenReplica, __: Event, ___: Envelope) -> None:
    """Only counted in the sequence."""


def department_named(department: DepartmentReplica, event: Event, envelope: Envelope) -> None:
    """Store the department with its newest name; catalogue rules may name it."""
    department.name = dict(cast(events.DepartmentCreated | events.DepartmentChanged, event).name)


def for_its_software(_: DepartmentReplica, __: Event, ___: Envelope) -> None:
    """Do nothing: it tells a department's software of its queue."""


def staff_named(colleague: Colleague, event: Event, _: Envelope) -> None:
    """Store the name of a member of staff, sealed as it came."""
    colleague.sealed_name = cast(events.StaffNamed, event).name


def staff_changed(_: Colleague, __: Event, ___: Envelope) -> None:
    """Only counted in the sequence; tokens say where a member of staff works."""


HANDLERS: dict[str, Apply[Request]] = {
    events.RequestRouted.type: routed,
    events.RequestAccepted.type: accepted,
    events.RequestQuestioned.type: questioned,
    events.RequestProgressed.type: progressed,
    events.RequestTransferred.type: transferred,
    events.RequestResolved.type: resolved,
    events.RequestResumed.type: resumed,
    events.RequestReopened.type: reopened,
    events.RequestClosed.type: closed,
    events.RequestDelayed.type: delayed,
    events.RequestDueSoon.type: due_soon,
    events.RequestOverdue.type: overdue,
    events.RequestEscalated.type: escalated,
    events.RequestFileAdded.type: for_departments,
    events.RequestFileRemoved.type: for_departments,
    events.RequestWordsAdded.type: for_departments,
    events.RequestUnderAppeal.type: for_departments,
    events.RequestAbsorbed.type: for_departments,
    events.RequestErased.type: for_departments,
    events.RequestGraded.type: for_departments,
    events.RequestContactChanged.type: for_departments,
    events.RequestCitizenReminded.type: for_departments,
    events.RequestRecused.type: recused,
    events.RequestAssigned.type: within_the_department,
    events.RequestMentioned.type: within_the_department,
    events.RequestPartAsked.type: within_the_department,
    events.RequestPartChanged.type: within_the_department,
}
DEPARTMENT_HANDLERS: dict[str, Apply[DepartmentReplica]] = {
    events.DepartmentCreated.type: department_named,
    events.DepartmentChanged.type: department_named,
    events.DepartmentAccessRenewed.type: for_its_software,
    events.DepartmentMessagesPutAside.type: for_its_software,
}
STAFF_HANDLERS: dict[str, Apply[Colleague]] = {
    events.StaffNamed.type: staff_named,
    events.StaffChanged.type: staff_changed,
}
CITIZEN_HANDLERS: dict[str, Apply[CitizenReplica]] = {
    events.CitizenRegistered.type: citizen_registered,
    events.CitizenVerified.type: citizen_verified,
    events.CitizenCodeIssued.type: nothing_to_do,
    events.CitizenRegistrationRepeated.type: nothing_to_do,
    events.CitizenIdentityChecked.type: identity_checked,
    events.CitizenCorrected.type: citizen_corrected,
    events.CitizenMobileChanged.type: mobile_changed,
    events.CitizenMobileRestored.type: mobile_changed,
    events.CitizenMobileProven.type: mobile_changed,
    events.CitizenMobileUnproven.type: nothing_to_do,
    events.CitizenPasswordChanged.type: nothing_to_do,
    events.CitizenDeviceSeen.type: nothing_to_do,
    events.CitizenErased.type: citizen_erased,
}


def _actor(event: Event) -> str:
    return cast(events.AssignmentEvent, event).actor


def _heard(event: Event) -> int | None:
    return cast(events.AssignmentEvent, event).heard


def _move_dates(request: Request, payload: events.RequestResumed | events.RequestReopened) -> None:
    """Set the new dates, moved by the time during which they were paused."""
    request.due_at = payload.due_at or request.due_at
    request.delayed_until = payload.delayed_until or request.delayed_until
