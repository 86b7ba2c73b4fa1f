"""The event contracts: what each service says, grouped by who says it.

A fact in the past tense, named `<subject>.<what happened>.v<version>`; the type is the routing key. An optional
field may be added; anything else is a new version beside the old. `Sealed` marks text that would tell something
about a person: it travels encrypted (`shared.seal`).
"""

from shared.events.contract import ANONYMOUS, CONFIDENTIAL, Event, Facts, Sealed, Words
from shared.events.identity import (
    CitizenCodeIssued,
    CitizenCorrected,
    CitizenErased,
    CitizenIdentityChecked,
    CitizenMobileChanged,
    CitizenMobileRestored,
    CitizenRegistered,
    CitizenRegistrationRepeated,
    CitizenVerified,
)
from shared.events.notifier import NotificationCodeDelivered
from shared.events.requests import (
    AccessRecorded,
    RequestAnonymised,
    RequestAnswered,
    RequestConfirmed,
    RequestCorrected,
    RequestDisputed,
    RequestFiled,
    RequestFollowed,
    RequestLapsed,
    RequestLetStand,
    RequestMerged,
    RequestReminded,
    RequestSeparated,
    RequestSubmitted,
    RequestUnfollowed,
    RequestWithdrawn,
    ServicePublished,
)
from shared.events.routing import (
    AssignmentEvent,
    DepartmentCreated,
    ExpectedRange,
    RequestAccepted,
    RequestClosed,
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
    "EVENTS",
    "AccessRecorded",
    "AssignmentEvent",
    "CitizenCodeIssued",
    "CitizenCorrected",
    "CitizenErased",
    "CitizenIdentityChecked",
    "CitizenMobileChanged",
    "CitizenMobileRestored",
    "CitizenRegistered",
    "CitizenRegistrationRepeated",
    "CitizenVerified",
    "DepartmentCreated",
    "Event",
    "ExpectedRange",
    "Facts",
    "NotificationCodeDelivered",
    "RequestAccepted",
    "RequestAnonymised",
    "RequestAnswered",
    "RequestClosed",
    "RequestConfirmed",
    "RequestCorrected",
    "RequestDisputed",
    "RequestFiled",
    "RequestFollowed",
    "RequestLapsed",
    "RequestLetStand",
    "RequestMerged",
    "RequestProgressed",
    "RequestQuestioned",
    "RequestReminded",
    "RequestReopened",
    "RequestResolved",
    "RequestResumed",
    "RequestRouted",
    "RequestSeparated",
    "RequestSubmitted",
    "RequestTransferred",
    "RequestUnfollowed",
    "RequestWithdrawn",
    "Sealed",
    "ServicePublished",
    "Words",
    "stream_of",
]

EVENTS: tuple[type[Event], ...] = (
    CitizenRegistered,
    CitizenVerified,
    CitizenCodeIssued,
    CitizenRegistrationRepeated,
    CitizenIdentityChecked,
    CitizenCorrected,
    CitizenMobileChanged,
    CitizenMobileRestored,
    CitizenErased,
    ServicePublished,
    RequestSubmitted,
    RequestCorrected,
    RequestAnswered,
    RequestConfirmed,
    RequestDisputed,
    RequestWithdrawn,
    RequestReminded,
    RequestLapsed,
    RequestLetStand,
    RequestFollowed,
    RequestUnfollowed,
    RequestMerged,
    RequestSeparated,
    RequestAnonymised,
    AccessRecorded,
    DepartmentCreated,
    RequestRouted,
    RequestAccepted,
    RequestQuestioned,
    RequestProgressed,
    RequestTransferred,
    RequestResolved,
    RequestResumed,
    RequestReopened,
    RequestClosed,
    NotificationCodeDelivered,
)
BY_TYPE: dict[str, type[Event]] = {event.type: event for event in EVENTS}

CONSUMERS: dict[str, tuple[str, ...]] = {
    "citizen": ("requests", "notifier"),
    "service": ("routing",),
    "request@requests": ("routing", "notifier"),
    "request@routing": ("requests", "notifier"),
    "department": ("identity", "requests"),
    "notification": ("identity",),
    "access": ("identity",),
}
"""Who must have taken in the events of each stream before its source may call them settled."""


def stream_of(event: type[Event]) -> str:
    """The stream an event belongs to: its subject's kind, and the source where two sources speak of one kind."""
    kind = event.type.partition(".")[0]
    return f"request@{event.source}" if kind == "request" else kind
