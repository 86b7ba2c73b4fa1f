"""The event contracts, by publisher.

Types are named `<subject>.<past tense>.v<version>`; the type is the routing key. An optional field may be added; any
other change makes a new version of the event. `Sealed` fields have encrypted personal data (`shared.seal`).
"""

from shared.events import identity, notifier, requests, routing
from shared.events.contract import ANONYMOUS, CONFIDENTIAL, Event, Facts, Sealed, Words
from shared.events.identity import (
    ERASURE_WINDOW,
    CitizenCodeIssued,
    CitizenCorrected,
    CitizenDeviceSeen,
    CitizenErased,
    CitizenIdentityChecked,
    CitizenMobileChanged,
    CitizenMobileProven,
    CitizenMobileRestored,
    CitizenMobileUnproven,
    CitizenPasswordChanged,
    CitizenRegistered,
    CitizenRegistrationRepeated,
    CitizenVerified,
    StaffChanged,
    StaffNamed,
)
from shared.events.notifier import NotificationCodeDelivered
from shared.events.requests import (
    AccessForgotten,
    AccessRecorded,
    RequestAnonymised,
    RequestAnswered,
    RequestAppealDecided,
    RequestAppealed,
    RequestAppealFiled,
    RequestConfirmed,
    RequestCorrected,
    RequestDisputed,
    RequestEvidenceAdded,
    RequestFiled,
    RequestFollowed,
    RequestLapsed,
    RequestLetStand,
    RequestMerged,
    RequestOverridden,
    RequestRated,
    RequestReminded,
    RequestRemitted,
    RequestRevived,
    RequestSeparated,
    RequestSubmitted,
    RequestUnfollowed,
    RequestWithdrawn,
    ServicePublished,
)
from shared.events.routing import (
    AssignmentEvent,
    DepartmentChanged,
    DepartmentCreated,
    ExpectedRange,
    RequestAccepted,
    RequestClosed,
    RequestDelayed,
    RequestDueSoon,
    RequestEscalated,
    RequestOverdue,
    RequestProgressed,
    RequestQuestioned,
    RequestReopened,
    RequestResolved,
    RequestResumed,
    RequestRouted,
    RequestTransferred,
)

__all__ = [
    "ANONYMOUS",
    "BY_TYPE",
    "CONFIDENTIAL",
    "CONSUMERS",
    "ERASURE_WINDOW",
    "EVENTS",
    "AccessForgotten",
    "AccessRecorded",
    "AssignmentEvent",
    "CitizenCodeIssued",
    "CitizenCorrected",
    "CitizenDeviceSeen",
    "CitizenErased",
    "CitizenIdentityChecked",
    "CitizenMobileChanged",
    "CitizenMobileProven",
    "CitizenMobileRestored",
    "CitizenMobileUnproven",
    "CitizenPasswordChanged",
    "CitizenRegistered",
    "CitizenRegistrationRepeated",
    "CitizenVerified",
    "DepartmentChanged",
    "DepartmentCreated",
    "Event",
    "ExpectedRange",
    "Facts",
    "NotificationCodeDelivered",
    "RequestAccepted",
    "RequestAnonymised",
    "RequestAnswered",
    "RequestAppealDecided",
    "RequestAppealFiled",
    "RequestAppealed",
    "RequestClosed",
    "RequestConfirmed",
    "RequestCorrected",
    "RequestDelayed",
    "RequestDisputed",
    "RequestDueSoon",
    "RequestEscalated",
    "RequestEvidenceAdded",
    "RequestFiled",
    "RequestFollowed",
    "RequestLapsed",
    "RequestLetStand",
    "RequestMerged",
    "RequestOverdue",
    "RequestOverridden",
    "RequestProgressed",
    "RequestQuestioned",
    "RequestRated",
    "RequestReminded",
    "RequestRemitted",
    "RequestReopened",
    "RequestResolved",
    "RequestResumed",
    "RequestRevived",
    "RequestRouted",
    "RequestSeparated",
    "RequestSubmitted",
    "RequestTransferred",
    "RequestUnfollowed",
    "RequestWithdrawn",
    "Sealed",
    "ServicePublished",
    "StaffChanged",
    "StaffNamed",
    "Words",
    "stream_of",
]

EVENTS: tuple[type[Event], ...] = tuple(
    value
    for module in (identity, requests, routing, notifier)
    for value in vars(module).values()
    if isinstance(value, type) and issubclass(value, Event) and "type" in vars(value)
)
"""All contracts, in the order of their modules; base classes have no type of their own."""
BY_TYPE: dict[str, type[Event]] = {event.type: event for event in EVENTS}

CONSUMERS: dict[str, tuple[str, ...]] = {
    "citizen": ("requests", "notifier"),
    "service": ("routing",),
    "request@requests": ("routing", "notifier"),
    "request@routing": ("requests", "notifier"),
    "department": ("identity", "requests"),
    "notification": ("identity",),
    "access": ("identity",),
    "staff": ("routing", "requests", "notifier"),
}
"""The services that must have applied the events of each stream before they are settled."""


def stream_of(event: type[Event]) -> str:
    """The stream of an event: the kind of its subject, and the source for requests, which have two."""
    kind = event.type.partition(".")[0]
    return f"request@{event.source}" if kind == "request" else kind
