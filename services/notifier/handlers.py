"""What each event means to the notifier: which message it asks for.

An event type that is not in `HANDLERS` makes no message; one that is makes exactly one on each of its channels,
whatever its body says. Settlement relies on that: it asks by type.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from services.notifier.accounts import (
    code_issued,
    details_corrected,
    device_seen,
    mobile_changed,
    mobile_proven,
    mobile_restored,
    mobile_unproven,
    password_changed,
    registration_repeated,
)
from services.notifier.decisions import appeal_decided, appeal_filed, overridden, reminded, resolved, revived
from services.notifier.models import EMAIL, NOWHERE, SMS, Day, Named, Sealed, Values, Wanted
from shared.envelope import Envelope
from shared.events import (
    AssignmentEvent,
    CitizenCodeIssued,
    CitizenCorrected,
    CitizenDeviceSeen,
    CitizenMobileChanged,
    CitizenMobileProven,
    CitizenMobileRestored,
    CitizenMobileUnproven,
    CitizenPasswordChanged,
    CitizenRegistrationRepeated,
    RequestAccepted,
    RequestAnonymised,
    RequestAppealDecided,
    RequestAppealFiled,
    RequestConfirmed,
    RequestCorrected,
    RequestFiled,
    RequestFollowed,
    RequestLapsed,
    RequestLetStand,
    RequestMerged,
    RequestOverridden,
    RequestProgressed,
    RequestQuestioned,
    RequestReminded,
    RequestReopened,
    RequestResolved,
    RequestResumed,
    RequestRevived,
    RequestRouted,
    RequestSeparated,
    RequestSubmitted,
    RequestTransferred,
    RequestUnfollowed,
    RequestWithdrawn,
)
from shared.inbox import read_event
from shared.seal import SealPurpose

CitizensOwn = RequestConfirmed | RequestWithdrawn | RequestLapsed | RequestLetStand
Plain = AssignmentEvent | CitizensOwn | RequestUnfollowed | RequestSeparated
EVERYWHERE = (SMS, EMAIL)
"""For changes to an account both channels are used: a thief who has one of them cannot hide the change."""
BY_ROUTING = ("routing", "department")
"""The actors of a request that is new at a department, also in old events. Any other is an officer who moved it."""


def filed(event: RequestFiled, envelope: Envelope) -> Wanted:
    """How verification ended, after filing or after a correction."""
    step = envelope.type.split(".")[1]
    values: Values = {
        "number": envelope.subject,
        "kind": Named(f"kind.{event.kind}"),
        "failed": len(event.failed_rules),
    }
    return Wanted(event.citizen_id, f"request.{step}.{event.state}", values)


def routed(event: RequestRouted, envelope: Envelope) -> Wanted:
    """Which department has it, and by when."""
    values: Values = {
        "number": envelope.subject,
        "kind": Named(f"kind.{event.kind}"),
        "department": event.department_name,
        "due": Day(event.due_at),
    }
    return Wanted(event.citizen_id, "request.routed.questioned" if event.question_open else "request.routed", values)


def questioned(event: RequestQuestioned, envelope: Envelope) -> Wanted:
    """What the department asks."""
    values: Values = {
        "number": envelope.subject,
        "question": Sealed(event.question, SealPurpose.REQUEST_QUESTION, envelope.subject),
    }
    return Wanted(event.citizen_id, "request.questioned", values)


def progressed(event: RequestProgressed, envelope: Envelope) -> Wanted:
    """What the department did."""
    values: Values = {
        "number": envelope.subject,
        "note": Sealed(event.note, SealPurpose.REQUEST_NOTE, envelope.subject),
    }
    return Wanted(event.citizen_id, "request.progressed", values)


def transferred(event: RequestTransferred, envelope: Envelope) -> Wanted:
    """Why it goes to another department."""
    values: Values = {
        "number": envelope.subject,
        "reason": Sealed(event.reason, SealPurpose.REQUEST_REASON, envelope.subject),
    }
    return Wanted(event.citizen_id, "request.transferred", values)


def told(event: Plain, envelope: Envelope) -> Wanted:
    """A step with nothing to add: the template is named like the event."""
    return Wanted(event.citizen_id, envelope.type.rpartition(".")[0], {"number": envelope.subject})


def anonymised(event: RequestAnonymised, envelope: Envelope) -> Wanted:
    """No message: the notification only records that the request's messages were emptied."""
    return Wanted(event.citizen_id, "request.anonymised", {})


def merged(event: RequestMerged, envelope: Envelope) -> Wanted:
    """No message: the primary sends those. The notification only records that this request has ended."""
    return Wanted(event.citizen_id, "request.merged", {})


def followed(event: RequestFollowed, envelope: Envelope) -> Wanted:
    """A follower hears that every step will come; one whose request was merged, into which."""
    if event.duplicate is None:
        return Wanted(event.citizen_id, "request.followed", {"number": envelope.subject})
    values: Values = {"number": envelope.subject, "duplicate": event.duplicate}
    return Wanted(event.citizen_id, "request.followed.merged", values)


def told_follower(follower: str, envelope: Envelope) -> Wanted:
    """A step of a request that somebody follows: what happened, and nobody's words."""
    step = envelope.type.split(".")[1]
    if envelope.type == RequestRouted.type and cast(RequestRouted, read_event(envelope)).actor not in BY_ROUTING:
        step = "transferred"
    values: Values = {"number": envelope.subject, "step": Named(f"step.{step}")}
    return Wanted(follower, "followed.step", values)


@dataclass(frozen=True, slots=True)
class Handler:
    """The message of an event and its channels; `forgets`: those before it are emptied; `urgent`: it holds a code."""

    message: Callable[[Any, Envelope], Wanted]
    channels: tuple[str, ...] = (SMS,)
    forgets: bool = False
    urgent: bool = False


HANDLERS: dict[str, Handler] = {
    CitizenCodeIssued.type: Handler(code_issued, urgent=True),
    CitizenRegistrationRepeated.type: Handler(registration_repeated),
    CitizenCorrected.type: Handler(details_corrected, EVERYWHERE),
    CitizenMobileChanged.type: Handler(mobile_changed, EVERYWHERE, urgent=True),
    CitizenMobileRestored.type: Handler(mobile_restored, EVERYWHERE),
    CitizenMobileUnproven.type: Handler(mobile_unproven),
    CitizenMobileProven.type: Handler(mobile_proven),
    CitizenPasswordChanged.type: Handler(password_changed, EVERYWHERE),
    CitizenDeviceSeen.type: Handler(device_seen),
    RequestSubmitted.type: Handler(filed),
    RequestCorrected.type: Handler(filed),
    RequestConfirmed.type: Handler(told),
    RequestWithdrawn.type: Handler(told),
    RequestAnonymised.type: Handler(anonymised, (NOWHERE,), forgets=True),
    RequestOverridden.type: Handler(overridden),
    RequestReminded.type: Handler(reminded),
    RequestAppealFiled.type: Handler(appeal_filed),
    RequestAppealDecided.type: Handler(appeal_decided),
    RequestLapsed.type: Handler(told),
    RequestLetStand.type: Handler(told),
    RequestRouted.type: Handler(routed),
    RequestAccepted.type: Handler(told),
    RequestQuestioned.type: Handler(questioned),
    RequestProgressed.type: Handler(progressed),
    RequestTransferred.type: Handler(transferred),
    RequestResolved.type: Handler(resolved),
    RequestResumed.type: Handler(told),
    RequestReopened.type: Handler(told),
    RequestFollowed.type: Handler(followed),
    RequestUnfollowed.type: Handler(told),
    RequestSeparated.type: Handler(told),
    RequestRevived.type: Handler(revived),
    RequestMerged.type: Handler(merged, (NOWHERE,)),
}
"""Not told again: an answer and a dispute are the citizen's own act, whose effect (`resumed`, `reopened`) follows;
`closed` only repeats what `confirmed`, `withdrawn`, `lapsed` and `let_stand` have told."""

ENDS = frozenset(
    event.type
    for event in (
        RequestWithdrawn, RequestLapsed, RequestLetStand, RequestConfirmed, RequestMerged, RequestAppealDecided,
    )
)  # fmt: skip
"""What ends a request. Afterwards nobody is told what its department did before it heard of the end (docs/adr/0028)."""

FOLLOWED = frozenset(
    event.type
    for event in (
        RequestRouted, RequestAccepted, RequestProgressed, RequestResolved, RequestConfirmed,
        RequestReopened, RequestWithdrawn, RequestLapsed, RequestLetStand, RequestAppealDecided,
    )
)  # fmt: skip
"""The steps that followers hear of; what is asked of the citizen, and answered, is between those two.

A transfer is told once, when the other department has it.
"""
