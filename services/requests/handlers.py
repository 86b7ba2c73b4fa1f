"""Handlers of other services' events; the tables at the end list them."""

from services.requests.request.models.lifecycle import AT_DEPARTMENT, ENDED, ActorKind
from services.requests.request.models.replicas import CitizenReplica, Colleague, DepartmentReplica
from services.requests.request.models.request import Request
from shared import events
from shared.clock import utc_now
from shared.envelope import Envelope
from shared.events import Event
from shared.inbox import Apply
from shared.records import Record


def routed(request: Request, payload: events.RequestRouted, envelope: Envelope) -> None:
    """The request is at a department: note which, why, and the due date. With an open question the state stays."""
    request.department, request.department_name = payload.department, payload.department_name
    request.due_at, request.respond_by = payload.due_at, payload.respond_by
    request.expected = payload.expected.model_dump() if payload.expected else None
    more = {"because": payload.because, "department": payload.department}
    if payload.question_open:
        request.note("route", ActorKind.ROUTING, envelope.at, by="routing", **more)
    else:
        request.hear("route", ActorKind.ROUTING, envelope.at, payload.heard, by="routing", **more)


def accepted(request: Request, payload: events.RequestAccepted, envelope: Envelope) -> None:
    """The department accepted the request."""
    request.hear("accept", ActorKind.DEPARTMENT, envelope.at, payload.heard, by=payload.actor)


def questioned(request: Request, payload: events.RequestQuestioned, envelope: Envelope) -> None:
    """The department asked the citizen a question."""
    request.hear(
        "question", ActorKind.DEPARTMENT, envelope.at, payload.heard, by=payload.actor, sealed_words=payload.question
    )


def progressed(request: Request, payload: events.RequestProgressed, envelope: Envelope) -> None:
    """The department reported progress."""
    request.hear(
        "progress", ActorKind.DEPARTMENT, envelope.at, payload.heard, by=payload.actor, sealed_words=payload.note
    )


def transferred(request: Request, payload: events.RequestTransferred, envelope: Envelope) -> None:
    """The request goes to another department; with an open question the state stays, so that the citizen can answer."""
    more = {"sealed_words": payload.reason, "department": payload.to}
    if payload.question_open:
        request.note("transfer", ActorKind.DEPARTMENT, envelope.at, by=payload.actor, **more)
    else:
        request.hear("transfer", ActorKind.DEPARTMENT, envelope.at, payload.heard, by=payload.actor, **more)


def resolved(request: Request, payload: events.RequestResolved, envelope: Envelope) -> None:
    """The department resolved the request; the citizen can confirm or dispute the outcome."""
    shown = {name: getattr(payload, name) for name in ("outcome", "reason", "copied", "level")}
    more = {**shown, "sealed_words": payload.reply}
    if request.hear("resolve", ActorKind.DEPARTMENT, envelope.at, payload.heard, by=payload.actor, **more):
        request.outcome, request.resolved_at = payload.outcome, envelope.at


def resumed(request: Request, payload: events.RequestResumed, _: Envelope) -> None:
    """The department has the citizen's answer: set the new due date. The state changed with the answer."""
    _move_dates(request, payload)


def reopened(request: Request, payload: events.RequestReopened, envelope: Envelope) -> None:
    """The disputed request is with the head of the department."""
    _move_dates(request, payload)
    if request.hear("reopen", ActorKind.ROUTING, envelope.at, payload.heard, by="routing"):
        request.outcome = None
        request.expected = None  # durations of other requests say nothing about a reopened one


def delayed(request: Request, payload: events.RequestDelayed, envelope: Envelope) -> None:
    """The department gave a reason for a delay, and a new date."""
    request.delayed_until = payload.until
    request.note(
        "delay", ActorKind.DEPARTMENT, envelope.at, by=payload.actor, sealed_words=payload.reason, until=payload.until
    )


def overdue(request: Request, _: Event, envelope: Envelope) -> None:
    """Mark the request as overdue, unless it ended meanwhile."""
    if request.state in AT_DEPARTMENT:
        request.overdue_at = envelope.at
        request.note("overdue", ActorKind.CLOCK, envelope.at)


def escalated(request: Request, payload: events.RequestEscalated, envelope: Envelope) -> None:
    """The overdue request was escalated to a higher official."""
    if request.state in AT_DEPARTMENT:
        request.escalated_to, request.escalation_level = payload.official, payload.level
        request.note("escalate", ActorKind.CLOCK, envelope.at, official=payload.official)


def recused(request: Request, payload: events.RequestRecused, _: Envelope) -> None:
    """An officer has an interest in the request: for that officer it does not exist any more."""
    if payload.officer not in request.hidden_from:
        request.hidden_from = [*request.hidden_from, payload.officer]


def closed(request: Request, payload: events.RequestClosed, envelope: Envelope) -> None:
    """The department closed the request; it may have ended before by the citizen or a clock."""
    if request.state not in ENDED:
        request.hear("close", ActorKind.ROUTING, envelope.at, payload.heard, by="routing")


def citizen_registered(citizen: CitizenReplica, payload: events.CitizenRegistered, envelope: Envelope) -> None:
    """Store name and mobile, sealed as they came: for departments, and for tracking by the last four digits."""
    citizen.sealed_name, citizen.sealed_mobile = payload.name, payload.mobile


def citizen_verified(citizen: CitizenReplica, _: Event, __: Envelope) -> None:
    """The account was opened."""
    citizen.verified = True


def identity_checked(citizen: CitizenReplica, payload: events.CitizenIdentityChecked, _: Envelope) -> None:
    """Store the registry's verdict."""
    citizen.identity = payload.identity


def citizen_corrected(citizen: CitizenReplica, payload: events.CitizenCorrected, _: Envelope) -> None:
    """Store a changed name."""
    if payload.name:
        citizen.sealed_name, citizen.corrected_at = payload.name, utc_now()


def mobile_changed(
    citizen: CitizenReplica,
    payload: events.CitizenMobileChanged | events.CitizenMobileRestored | events.CitizenMobileProven,
    _: Envelope,
) -> None:
    """Store a changed, restored or proven mobile."""
    citizen.sealed_mobile, citizen.corrected_at = payload.mobile, utc_now()


def citizen_erased(citizen: CitizenReplica, _: Event, envelope: Envelope) -> None:
    """Forget the citizen; the sweep anonymises the requests, until no access token of the citizen can file any more."""
    citizen.sealed_name = citizen.sealed_mobile = citizen.corrected_at = None
    citizen.verified = False
    citizen.erasing_until = utc_now() + events.ERASURE_WINDOW


def unused(_: Record, __: Event, ___: Envelope) -> None:
    """Do nothing: the event is only counted in the sequence."""


def department_named(
    department: DepartmentReplica, payload: events.DepartmentCreated | events.DepartmentChanged, _: Envelope
) -> None:
    """Store the department with its newest name; catalogue rules may name it."""
    department.name = dict(payload.name)


def staff_named(colleague: Colleague, payload: events.StaffNamed, _: Envelope) -> None:
    """Store the name of a member of staff, sealed as it came."""
    colleague.sealed_name = payload.name


FOR_SOFTWARE = (
    events.RequestDueSoon, events.RequestFileAdded, events.RequestFileRemoved, events.RequestWordsAdded,
    events.RequestUnderAppeal, events.RequestAbsorbed, events.RequestErased, events.RequestGraded,
    events.RequestContactChanged, events.RequestCitizenReminded,
)  # fmt: skip
"""Events that tell a department and its software something."""
WITHIN_THE_DEPARTMENT = (
    events.RequestAssigned, events.RequestMentioned, events.RequestPartAsked, events.RequestPartChanged,
)  # fmt: skip
"""Events about officers and parts of the work, of which the citizen is not told."""
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
    events.RequestOverdue.type: overdue,
    events.RequestEscalated.type: escalated,
    events.RequestRecused.type: recused,
    **dict.fromkeys((event.type for event in (*FOR_SOFTWARE, *WITHIN_THE_DEPARTMENT)), unused),
}
DEPARTMENT_HANDLERS: dict[str, Apply[DepartmentReplica]] = {
    events.DepartmentCreated.type: department_named,
    events.DepartmentChanged.type: department_named,
    events.DepartmentAccessRenewed.type: unused,
    events.DepartmentMessagesPutAside.type: unused,
}
STAFF_HANDLERS: dict[str, Apply[Colleague]] = {
    events.StaffNamed.type: staff_named,
    events.StaffChanged.type: unused,  # tokens say where a member of staff works
}
CITIZEN_HANDLERS: dict[str, Apply[CitizenReplica]] = {
    events.CitizenRegistered.type: citizen_registered,
    events.CitizenVerified.type: citizen_verified,
    events.CitizenCodeIssued.type: unused,
    events.CitizenRegistrationRepeated.type: unused,
    events.CitizenIdentityChecked.type: identity_checked,
    events.CitizenCorrected.type: citizen_corrected,
    events.CitizenMobileChanged.type: mobile_changed,
    events.CitizenMobileRestored.type: mobile_changed,
    events.CitizenMobileProven.type: mobile_changed,
    events.CitizenMobileUnproven.type: unused,
    events.CitizenPasswordChanged.type: unused,
    events.CitizenDeviceSeen.type: unused,
    events.CitizenErased.type: citizen_erased,
}


def _move_dates(request: Request, payload: events.RequestResumed | events.RequestReopened) -> None:
    """Set the new dates, moved by the time during which they were paused."""
    request.due_at = payload.due_at or request.due_at
    request.delayed_until = payload.delayed_until or request.delayed_until
