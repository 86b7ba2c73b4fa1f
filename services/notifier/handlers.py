"""The message that each event causes, and its changes of a contact.

An event type that is not in `HANDLERS` causes no message. Each of the others causes exactly one on each of its
channels, whatever its body contains, because settlement counts by type.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal, cast

from services.notifier.models.combining import COMBINATIONS, EarlierMessages
from services.notifier.models.contact import Contact
from services.notifier.models.message import (
    EMAIL,
    NOWHERE,
    SMS,
    Day,
    DaysAfter,
    Hour,
    MessageSpec,
    Named,
    Sealed,
    Values,
)
from services.notifier.models.notification import Notification
from services.notifier.models.officer import StaffContact
from shared import events
from shared.clock import utc_now
from shared.envelope import Envelope, MalformedEnvelopeError
from shared.events import Event
from shared.inbox import Apply, read_event
from shared.seal import BlindPurpose, KeyRing, SealPurpose

EVERYWHERE = (SMS, EMAIL)
"""Changes to an account are reported on both channels: a thief who has one of them cannot hide the change."""
BY_ROUTING = ("routing", "department")
"""Actors of a request that is new at a department, also in old events. Any other actor transferred it."""
DECIDE_BY: dict[str, Literal["dispute_days", "appeal_days"]] = {
    "department": "dispute_days",
    "head": "appeal_days",
    "final": "dispute_days",
}
"""The setting for how long the citizen can answer an outcome, by the level that decided."""

Moved = events.CitizenMobileChanged | events.CitizenMobileRestored | events.CitizenMobileProven
MessageFor = Callable[[Any, Envelope], MessageSpec]


# Messages about accounts


def code_issued(event: events.CitizenCodeIssued, envelope: Envelope) -> MessageSpec:
    """The code, until it expires."""
    values: Values = {
        "code": Sealed(event.code, SealPurpose.CITIZEN_CODE, envelope.subject, free=False),
        "purpose": Named(f"purpose.{event.purpose}"),
        "time": Hour(event.expires_at),
        "caution": Named("caution.counter" if event.counter else "caution.nobody"),
    }
    return MessageSpec(envelope.subject, "citizen.code_issued", values, event.expires_at, event.channel, event.to)


def registration_repeated(event: events.CitizenRegistrationRepeated, envelope: Envelope) -> MessageSpec:
    """Warn the owner of the account: another person may have used their CNIC or mobile."""
    which = ".unproven" if event.unproven else ".anew" if event.anew else ""
    return MessageSpec(envelope.subject, f"citizen.registration_repeated{which}", {})


def mobile_unproven(event: events.CitizenMobileUnproven, envelope: Envelope) -> MessageSpec:
    """Inform the phone whose number was given; without a number in the event, tell the citizen what to do."""
    if event.mobile is None:
        return MessageSpec(envelope.subject, "citizen.mobile_unproven.own", {}, channel=EMAIL)
    held = ".held" if event.held else ""
    return MessageSpec(envelope.subject, f"citizen.mobile_unproven{held}", {}, to=event.mobile)


def mobile_changed(event: events.CitizenMobileChanged, envelope: Envelope) -> MessageSpec:
    """Inform the old mobile and the mailbox, with the code that undoes the change."""
    values: Values = {
        "undo": Sealed(event.undo, SealPurpose.CITIZEN_UNDO, envelope.subject, free=False),
        "day": Day(event.undo_until),
        "time": Hour(event.undo_until),
    }
    return MessageSpec(envelope.subject, "citizen.mobile_changed", values, event.undo_until, to=event.old_mobile)


def details_corrected(event: events.CitizenCorrected, envelope: Envelope) -> MessageSpec:
    """Details of the account were changed; a change of the email is also reported to the old one."""
    return MessageSpec(envelope.subject, "citizen.corrected", {}, email=event.old_email)


def notice(template: str, channel: str | None = None) -> MessageFor:
    """A notice about the account, without values."""
    return lambda _, envelope: MessageSpec(envelope.subject, template, {}, channel=channel)


def device_seen(event: events.CitizenDeviceSeen, envelope: Envelope) -> MessageSpec:
    """A new device, reported on the channel that its code did not take: a thief may have the other one."""
    return MessageSpec(envelope.subject, "citizen.device_seen", {}, channel=SMS if event.channel == EMAIL else EMAIL)


def password_changed(event: events.CitizenPasswordChanged, envelope: Envelope) -> MessageSpec:
    """The password was changed or reset."""
    return MessageSpec(envelope.subject, f"citizen.password_{event.how}", {})


# Messages about requests


def step(event: Any, envelope: Envelope) -> MessageSpec:
    """A step without values; the template has the event's name."""
    return MessageSpec(event.citizen_id, envelope.type.rpartition(".")[0], {"number": envelope.subject})


def quoting(field: str, purpose: SealPurpose) -> MessageFor:
    """A step that quotes a field written by a member of staff."""

    def message(event: Any, envelope: Envelope) -> MessageSpec:
        """The step with the text of the field."""
        quoted = Sealed(getattr(event, field), purpose, envelope.subject)
        return replace(step(event, envelope), values={"number": envelope.subject, field: quoted})

    return message


def naming(value: str, field: str) -> MessageFor:
    """A step that names another request: the number in a field of the event."""
    return lambda event, envelope: replace(
        step(event, envelope), values={"number": envelope.subject, value: getattr(event, field)}
    )


def mark(event: Any, envelope: Envelope) -> MessageSpec:
    """No message; the notification only records that the event was handled. For a merge, the primary sends messages."""
    return MessageSpec(event.citizen_id, envelope.type.rpartition(".")[0], {})


def filed(event: events.RequestFiled, envelope: Envelope) -> MessageSpec:
    """The result of verification, after filing or a correction."""
    template = f"{envelope.type.rpartition('.')[0]}.{event.state}"
    values: Values = {
        "number": envelope.subject,
        "kind": Named(f"kind.{event.kind}"),
        "failed": len(event.failed_rules),
    }
    return MessageSpec(event.citizen_id, template, values)


def routed(event: events.RequestRouted, envelope: Envelope) -> MessageSpec:
    """The department and the due date."""
    values: Values = {
        "number": envelope.subject,
        "kind": Named(f"kind.{event.kind}"),
        "department": event.department_name,
        "due": Day(event.due_at),
    }
    return MessageSpec(
        event.citizen_id, "request.routed.questioned" if event.question_open else "request.routed", values
    )


def overdue(event: events.RequestOverdue, envelope: Envelope) -> MessageSpec:
    """It is late, and who sees to it now. The only message about it: later escalations are shown, not sent."""
    values: Values = {"number": envelope.subject, "due": Day(event.due_at), "head": event.head}
    return MessageSpec(event.citizen_id, "request.overdue", values)


def delayed(event: events.RequestDelayed, envelope: Envelope) -> MessageSpec:
    """Why it takes longer, and the new date."""
    reason = Sealed(event.reason, SealPurpose.REQUEST_REASON, envelope.subject)
    values: Values = {"number": envelope.subject, "reason": reason, "until": Day(event.until)}
    return MessageSpec(event.citizen_id, "request.delayed", values)


def resolved(event: events.RequestResolved, envelope: Envelope) -> MessageSpec:
    """The outcome, the department's reply, and the citizen's options."""
    decided = "appeal" if event.level == "appeal" else "outcome"
    values: Values = {
        "number": envelope.subject,
        "outcome": Named(f"{decided}.{event.outcome}"),
        "reply": Sealed(event.reply, SealPurpose.REQUEST_REPLY, envelope.subject),
    }
    level = "final" if event.final else event.level or "department"
    if level in DECIDE_BY:
        values = {**values, "until": DaysAfter(envelope.at, DECIDE_BY[level])}
    return MessageSpec(event.citizen_id, f"request.resolved.{level}", values)


def reminded(event: events.RequestReminded, envelope: Envelope) -> MessageSpec:
    """What the citizen has to do, and what happens on which day otherwise."""
    values: Values = {"number": envelope.subject, "until": Day(event.until)}
    about = "final" if event.final else event.about
    return MessageSpec(event.citizen_id, f"request.reminded.{about}", values, event.until)


def followed(event: events.RequestFollowed, envelope: Envelope) -> MessageSpec:
    """Confirm to a follower; the citizen of a merged request learns with which one it was merged."""
    if event.duplicate is None:
        return MessageSpec(event.citizen_id, "request.followed", {"number": envelope.subject})
    values: Values = {"number": envelope.subject, "duplicate": event.duplicate}
    return MessageSpec(event.citizen_id, "request.followed.merged", values)


def follower_message(follower: str, envelope: Envelope) -> MessageSpec:
    """A step of a request for a follower, without anybody's text."""
    name = envelope.type.split(".")[1]
    if envelope.type == events.RequestRouted.type:
        actor = cast(events.RequestRouted, read_event(envelope)).actor
        name = name if actor in BY_ROUTING else "transferred"
    values: Values = {"number": envelope.subject, "step": Named(f"step.{name}")}
    return MessageSpec(follower, "followed.step", values)


@dataclass(frozen=True, slots=True)
class Handler:
    """The message of an event and its channels; `forgets`: empties earlier messages; `urgent`: it holds a code."""

    message: MessageFor
    channels: tuple[str, ...] = (SMS,)
    forgets: bool = False
    urgent: bool = False


HANDLERS: dict[str, Handler] = {
    events.CitizenCodeIssued.type: Handler(code_issued, urgent=True),
    events.CitizenRegistrationRepeated.type: Handler(registration_repeated),
    events.CitizenCorrected.type: Handler(details_corrected, EVERYWHERE),
    events.CitizenMobileChanged.type: Handler(mobile_changed, EVERYWHERE, urgent=True),
    events.CitizenMobileRestored.type: Handler(notice("citizen.mobile_restored"), EVERYWHERE),
    events.CitizenMobileUnproven.type: Handler(mobile_unproven),
    events.CitizenMobileProven.type: Handler(notice("citizen.mobile_proven", EMAIL)),
    events.CitizenPasswordChanged.type: Handler(password_changed, EVERYWHERE),
    events.CitizenDeviceSeen.type: Handler(device_seen),
    events.RequestSubmitted.type: Handler(filed),
    events.RequestCorrected.type: Handler(filed),
    events.RequestConfirmed.type: Handler(step),
    events.RequestWithdrawn.type: Handler(step),
    events.RequestAnonymised.type: Handler(mark, (NOWHERE,), forgets=True),
    events.RequestOverridden.type: Handler(quoting("reason", SealPurpose.REQUEST_REASON)),
    events.RequestReminded.type: Handler(reminded),
    events.RequestAppealFiled.type: Handler(naming("first", "appeal_of")),
    events.RequestAppealDecided.type: Handler(naming("appeal", "appeal")),
    events.RequestLapsed.type: Handler(step),
    events.RequestLetStand.type: Handler(step),
    events.RequestRouted.type: Handler(routed),
    events.RequestAccepted.type: Handler(step),
    events.RequestQuestioned.type: Handler(quoting("question", SealPurpose.REQUEST_QUESTION)),
    events.RequestProgressed.type: Handler(quoting("note", SealPurpose.REQUEST_NOTE)),
    events.RequestTransferred.type: Handler(quoting("reason", SealPurpose.REQUEST_REASON)),
    events.RequestResolved.type: Handler(resolved),
    events.RequestOverdue.type: Handler(overdue),
    events.RequestDelayed.type: Handler(delayed),
    events.RequestResumed.type: Handler(step),
    events.RequestReopened.type: Handler(step),
    events.RequestFollowed.type: Handler(followed),
    events.RequestUnfollowed.type: Handler(step),
    events.RequestSeparated.type: Handler(step),
    events.RequestRevived.type: Handler(naming("ended", "ended")),
    events.RequestMerged.type: Handler(mark, (NOWHERE,)),
}
"""No message for an answer or a dispute, because their effect (`resumed`, `reopened`) is reported; none for `closed`,
which repeats `confirmed`, `withdrawn`, `lapsed` and `let_stand`; none for warnings and escalations, which are for
staff."""

ENDS = frozenset(
    event.type
    for event in (
        events.RequestWithdrawn, events.RequestLapsed, events.RequestLetStand, events.RequestConfirmed,
        events.RequestMerged, events.RequestAppealDecided,
    )
)  # fmt: skip
"""Events that end a request. A department's actions before it knew of the end are not reported (docs/adr/0028)."""

FOLLOWED = frozenset(
    event.type
    for event in (
        events.RequestRouted, events.RequestAccepted, events.RequestProgressed, events.RequestResolved,
        events.RequestConfirmed, events.RequestReopened, events.RequestWithdrawn, events.RequestLapsed,
        events.RequestLetStand, events.RequestAppealDecided,
    )
)  # fmt: skip
"""Steps reported to followers. A transfer is reported once, when the other department has the request."""


def message_for(envelope: Envelope, keys: KeyRing) -> MessageSpec:
    """The message that an event causes. Raises MalformedEnvelopeError, SealBrokenError.

    Events of confidential requests contain the citizen's id sealed; the message contains it in the clear.
    """
    handler = HANDLERS.get(envelope.type)
    if handler is None:
        raise MalformedEnvelopeError(f"no handler for {envelope.type}")
    event = read_event(envelope)
    message = replace(handler.message(event, envelope), everywhere=len(handler.channels) > 1)
    if isinstance(event, events.AssignmentEvent):
        message = replace(message, heard=event.heard or 0, due=getattr(event, "due_at", None))
    if not message.citizen_id.startswith(events.CONFIDENTIAL):
        return message
    sealed = message.citizen_id.removeprefix(events.CONFIDENTIAL)
    return replace(message, citizen_id=keys.unseal(sealed, SealPurpose.REQUEST_CITIZEN, owner=envelope.subject))


def envelope_of(notification: Notification) -> Envelope:
    """The event of a notification that has no text yet."""
    source = notification.id.partition("/")[0]
    return Envelope.of_entry(source, notification.subject, notification.event or {})


def combined(message: MessageSpec, earlier: EarlierMessages, keys: KeyRing) -> MessageSpec:
    """The message with its earlier ones included. Raises MalformedEnvelopeError, SealBrokenError."""
    if not earlier.included:
        return message
    last = earlier.included[-1]
    how = COMBINATIONS[message.template][last.template]
    values = message_for(envelope_of(last), keys).values if how.keeps else {}
    kept = {name: values[name] for name in how.keeps}
    return replace(message, template=how.template, values={**message.values, **kept})


def contact_handlers(keys: KeyRing) -> dict[str, Apply[Contact]]:
    """What each event of the citizen stream changes in the citizen's contact."""

    def has_mobile(contact: Contact, sealed: str) -> None:
        contact.mobile = sealed
        mobile = keys.unseal(sealed, SealPurpose.CITIZEN_MOBILE, owner=contact.id)
        contact.mobile_index = mobile_index(keys, mobile)

    def registered(contact: Contact, event: events.CitizenRegistered, _: Envelope) -> None:
        """Keep the citizen's name, language and addresses."""
        contact.name, contact.email, contact.language = event.name, event.email, event.language
        has_mobile(contact, event.mobile)

    def moved(contact: Contact, event: Moved, _: Envelope) -> None:
        """Store the mobile that the citizen has proven."""
        contact.mobile_unproven = False
        contact.address_works(SMS)
        has_mobile(contact, event.mobile)

    nothing: dict[str, Apply[Contact]] = {
        event.type: lambda _, __, ___: None
        for event in (
            events.CitizenCodeIssued, events.CitizenRegistrationRepeated, events.CitizenIdentityChecked,
            events.CitizenPasswordChanged, events.CitizenDeviceSeen,
        )
    }  # fmt: skip
    return nothing | {
        events.CitizenRegistered.type: registered,
        events.CitizenVerified.type: _verified,
        events.CitizenCorrected.type: _corrected,
        events.CitizenMobileChanged.type: moved,
        events.CitizenMobileRestored.type: moved,
        events.CitizenMobileProven.type: moved,
        events.CitizenMobileUnproven.type: _unproven,
        events.CitizenErased.type: _erased,
    }


def mobile_index(keys: KeyRing, mobile: str) -> str:
    """The blind index by which a contact is found by its mobile."""
    return keys.blind(mobile, BlindPurpose.MESSAGE_MOBILE)


def _verified(contact: Contact, _: Event, __: Envelope) -> None:
    """Note that the account is proven."""
    contact.verified = True


def _unproven(contact: Contact, _: Event, __: Envelope) -> None:
    """Send nothing to the mobile until the citizen proves it."""
    contact.mobile_unproven = True


def _corrected(contact: Contact, event: events.CitizenCorrected, envelope: Envelope) -> None:
    """Store the citizen's new details."""
    contact.name, contact.email = event.name or contact.name, event.email or contact.email
    contact.language = event.language or contact.language
    if event.email and contact.address_works(EMAIL):
        contact.bad_email_left = envelope.seq


def _erased(contact: Contact, _: Event, __: Envelope) -> None:
    """Erase the contact; the sweep empties its messages afterwards."""
    contact.erase(utc_now() + events.ERASURE_WINDOW)


def staff_changed(member: StaffContact, event: events.StaffChanged, _: Envelope) -> None:
    """Store role and department; a disabled member gets nothing."""
    member.role, member.department, member.active = event.role, event.department, event.active


STAFF_HANDLERS: dict[str, Apply[StaffContact]] = {
    events.StaffNamed.type: lambda _, __, ___: None,  # messages about work contain no names
    events.StaffChanged.type: staff_changed,
}
