"""What this service does when others say something. `HANDLERS` is the table of contents."""

from datetime import timedelta
from typing import cast

from services.requests.request.models.lifecycle import ENDED, Who
from services.requests.request.models.replicas import CitizenReplica, Colleague, DepartmentReplica
from services.requests.request.models.request import Request
from shared import events
from shared.clock import utc_now
from shared.envelope import Envelope
from shared.events import Event
from shared.inbox import Apply

ERASING = timedelta(minutes=15)
"""Longer than an access token lives: an erased citizen can still file with one."""


def routed(request: Request, event: Event, envelope: Envelope) -> None:
    """A department has it: show which, why, and until when. With an open question it stays as it is."""
    said = cast(events.RequestRouted, event)
    request.department, request.department_name = said.department, said.department_name
    request.due_at, request.respond_by = said.due_at, said.respond_by
    request.expected = said.expected.model_dump() if said.expected else None
    more = {"because": said.because, "department": said.department}
    if said.question_open:
        request.note("route", Who.ROUTING, envelope.at, by="routing", **more)
    else:
        request.hear("route", Who.ROUTING, envelope.at, said.heard, by="routing", **more)


def accepted(request: Request, event: Event, envelope: Envelope) -> None:
    """Somebody there has taken it on."""
    request.hear("accept", Who.DEPARTMENT, envelope.at, _heard(event), by=_actor(event))


def questioned(request: Request, event: Event, envelope: Envelope) -> None:
    """The citizen is asked something."""
    said = cast(events.RequestQuestioned, event)
    request.hear("question", Who.DEPARTMENT, envelope.at, _heard(event), by=said.actor, sealed_words=said.question)


def progressed(request: Request, event: Event, envelope: Envelope) -> None:
    """Something was done."""
    said = cast(events.RequestProgressed, event)
    request.hear("progress", Who.DEPARTMENT, envelope.at, _heard(event), by=said.actor, sealed_words=said.note)


def transferred(request: Request, event: Event, envelope: Envelope) -> None:
    """It goes to another department, and an open question with it: its citizen answers as if nothing had happened."""
    said = cast(events.RequestTransferred, event)
    more = {"sealed_words": said.reason, "department": said.to}
    if said.question_open:
        request.note("transfer", Who.DEPARTMENT, envelope.at, by=said.actor, **more)
    else:
        request.hear("transfer", Who.DEPARTMENT, envelope.at, said.heard, by=said.actor, **more)


def resolved(request: Request, event: Event, envelope: Envelope) -> None:
    """It was closed with an outcome and a reply; the citizen has the last word."""
    said = cast(events.RequestResolved, event)
    more = {"outcome": said.outcome, "reason": said.reason, "copied": said.copied, "level": said.level}
    if request.hear(
        "resolve", Who.DEPARTMENT, envelope.at, _heard(event), by=said.actor, sealed_words=said.reply, **more
    ):
        request.outcome, request.resolved_at = said.outcome, envelope.at


def resumed(request: Request, event: Event, envelope: Envelope) -> None:
    """The department knows of the citizen's answer; the view moved when it was given, the due date does now."""
    request.due_at = cast(events.RequestResumed, event).due_at or request.due_at


def reopened(request: Request, event: Event, envelope: Envelope) -> None:
    """The department's head has the disputed request again."""
    request.due_at = cast(events.RequestReopened, event).due_at or request.due_at
    if request.hear("reopen", Who.ROUTING, envelope.at, _heard(event), by="routing"):
        request.outcome = None
        request.expected = None  # what was done once and opened again has no past like others


def closed(request: Request, event: Event, envelope: Envelope) -> None:
    """Nothing is left to do; what the citizen or a clock has ended is ended already."""
    if request.state not in ENDED:
        request.hear("close", Who.ROUTING, envelope.at, _heard(event), by="routing")


def citizen_registered(citizen: CitizenReplica, event: Event, envelope: Envelope) -> None:
    """Keep name and mobile, sealed as they came: for departments, and for the check of the last four digits."""
    said = cast(events.CitizenRegistered, event)
    citizen.sealed_name, citizen.sealed_mobile = said.name, said.mobile


def citizen_verified(citizen: CitizenReplica, event: Event, envelope: Envelope) -> None:
    """The account may be used."""
    citizen.verified = True


def identity_checked(citizen: CitizenReplica, event: Event, _: Envelope) -> None:
    """Keep what the registry of identities says."""
    citizen.identity = cast(events.CitizenIdentityChecked, event).identity


def citizen_corrected(citizen: CitizenReplica, event: Event, _: Envelope) -> None:
    """Follow a changed name."""
    citizen.sealed_name = cast(events.CitizenCorrected, event).name or citizen.sealed_name


def mobile_changed(citizen: CitizenReplica, event: Event, _: Envelope) -> None:
    """Follow a changed mobile, there and back."""
    said = cast(events.CitizenMobileChanged | events.CitizenMobileRestored | events.CitizenMobileProven, event)
    citizen.sealed_mobile = said.mobile


def citizen_erased(citizen: CitizenReplica, _: Event, envelope: Envelope) -> None:
    """Forget the person, and have the sweep find what was filed (until no token of theirs can file any more)."""
    citizen.sealed_name = citizen.sealed_mobile = None
    citizen.verified = False
    citizen.erasing_until = utc_now() + ERASING


def nothing_to_do(_: CitizenReplica, __: Event, ___: Envelope) -> None:
    """Part of the sequence, without a meaning here."""


def department_told(department: DepartmentReplica, event: Event, envelope: Envelope) -> None:
    """Know that it is there, by its newest name: rules of the catalogue may lead to it."""
    department.name = dict(cast(events.DepartmentCreated | events.DepartmentChanged, event).name)


def staff_named(colleague: Colleague, event: Event, _: Envelope) -> None:
    """Keep what somebody is called, sealed as it came, for those who work with them."""
    colleague.sealed_name = cast(events.StaffNamed, event).name


def staff_changed(_: Colleague, __: Event, ___: Envelope) -> None:
    """Where somebody works is told by their token; counted in their sequence only."""


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
}
DEPARTMENT_HANDLERS: dict[str, Apply[DepartmentReplica]] = {
    events.DepartmentCreated.type: department_told,
    events.DepartmentChanged.type: department_told,
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
