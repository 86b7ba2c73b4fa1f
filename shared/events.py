"""The event contracts: what each service says, grouped by who says it.

A fact in the past tense, named `<subject>.<what happened>.v<version>`; the type is the routing key. An optional
field may be added; anything else is a new version beside the old. `Sealed` marks text that would tell something
about a person: it travels encrypted (`shared.seal`).
"""

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

Sealed = Annotated[str, Field(json_schema_extra={"x-sealed": True}, description="sealed text, see shared/seal.py")]
Words = dict[str, str]
"""One text in each language, by language code: {"en": "...", "ur": "..."}."""
Facts = dict[str, str | int | bool]
ANONYMOUS = "anonymous:"
"""So begins the `citizen_id` of a request that nobody can be told about: nobody knows who filed it."""
CONFIDENTIAL = "confidential:"
"""So begins the `citizen_id` of a confidential request; the citizen's id follows, sealed for `request.citizen`.

Departments get events, and know their ordinary requests' citizens: the plain id would tell them who it is.
"""


class Event(BaseModel):
    """What all events have: a type, a source, and a body that never changes once it was said."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)
    type: ClassVar[str]
    source: ClassVar[str]


# --- identity ------------------------------------------------------------------------------------------------


class CitizenRegistered(Event):
    """Somebody opened an account; the mobile is not proven yet."""

    type = "citizen.registered.v1"
    source = "identity"
    name: Sealed
    mobile: Sealed
    email: Sealed
    language: Literal["en", "ur"] = "en"


class CitizenVerified(Event):
    """The citizen proved the mobile with a code."""

    type = "citizen.verified.v1"
    source = "identity"


class CitizenCodeIssued(Event):
    """A one-time code is to reach the citizen's mobile before it expires."""

    type = "citizen.code_issued.v1"
    source = "identity"
    purpose: Literal["register", "login", "reset"]
    code: Sealed
    expires_at: datetime


class CitizenRegistrationRepeated(Event):
    """Somebody tried to register a CNIC or mobile that has an account; its owner is to know."""

    type = "citizen.registration_repeated.v1"
    source = "identity"


# --- requests ------------------------------------------------------------------------------------------------


class ServicePublished(Event):
    """A catalogue entry came into force; the subject is its code."""

    type = "service.published.v1"
    source = "requests"
    version: int
    kind: Literal["application", "complaint"]
    name: Words
    due: dict[str, Any]
    respond: dict[str, Any]
    department: list[dict[str, Any]]


class RequestFiled(Event):
    """What routing and the citizen's messages need to know of a request that was filed or checked again."""

    citizen_id: str
    service: str
    service_version: int
    kind: Literal["application", "complaint"]
    district: str
    facts: Facts = Field(default_factory=dict)
    state: Literal["verifying", "information_needed", "ineligible"]
    failed_rules: list[str] = Field(default_factory=list)


class RequestSubmitted(RequestFiled):
    """A request was filed; the declared rules ran in the same write, and `state` tells how they ended."""

    type = "request.submitted.v1"
    source = "requests"


class RequestCorrected(RequestFiled):
    """The citizen mended the answers and the rules ran again."""

    type = "request.corrected.v1"
    source = "requests"


class RequestAnswered(Event):
    """The citizen answered what the department asked."""

    type = "request.answered.v1"
    source = "requests"
    citizen_id: str


class RequestConfirmed(Event):
    """The citizen agreed that it is done."""

    type = "request.confirmed.v1"
    source = "requests"
    citizen_id: str
    rating: int | None = None


class RequestDisputed(Event):
    """The citizen says that it was closed badly; the department's head has it again."""

    type = "request.disputed.v1"
    source = "requests"
    citizen_id: str
    reason: str


class RequestWithdrawn(Event):
    """The citizen took it back."""

    type = "request.withdrawn.v1"
    source = "requests"
    citizen_id: str


class RequestAnonymised(Event):
    """The person was taken out of a request: who keeps its words or its citizen's id drops them too."""

    type = "request.anonymised.v1"
    source = "requests"
    citizen_id: str = Field(description="stands for nobody, and only for this request")
    reason: Literal["erasure", "retention"]


# --- routing -------------------------------------------------------------------------------------------------


class DepartmentCreated(Event):
    """A department was made or its access renewed; the subject is its code."""

    type = "department.created.v1"
    source = "routing"
    name: Words
    client_secret_sha256: str


class AssignmentEvent(Event):
    """What happened to a request at a department."""

    citizen_id: str
    department: str
    actor: str = "department"


class RequestRouted(AssignmentEvent):
    """A department has it, and the clocks run."""

    type = "request.routed.v1"
    source = "routing"
    department_name: Words
    because: Words
    service: str
    service_name: Words
    kind: Literal["application", "complaint"]
    district: str
    respond_by: datetime
    due_at: datetime
    details: str = Field(description="path of the request's details behind the gateway")


class RequestAccepted(AssignmentEvent):
    """The department took it on."""

    type = "request.accepted.v1"
    source = "routing"


class RequestQuestioned(AssignmentEvent):
    """The department asks the citizen something and waits."""

    type = "request.questioned.v1"
    source = "routing"
    question: Sealed


class RequestProgressed(AssignmentEvent):
    """The department did something and says what."""

    type = "request.progressed.v1"
    source = "routing"
    note: Sealed


class RequestTransferred(AssignmentEvent):
    """It went to another department, whose `request.routed` follows."""

    type = "request.transferred.v1"
    source = "routing"
    to: str
    reason: Sealed


class RequestResolved(AssignmentEvent):
    """The department closed it with an outcome and its own words."""

    type = "request.resolved.v1"
    source = "routing"
    outcome: Literal["granted", "partly_granted", "not_granted"]
    reply: Sealed


class RequestResumed(AssignmentEvent):
    """Work goes on: the citizen answered."""

    type = "request.resumed.v1"
    source = "routing"


class RequestReopened(AssignmentEvent):
    """A disputed request is open again at the department's head."""

    type = "request.reopened.v1"
    source = "routing"
    reason: str


class RequestClosed(AssignmentEvent):
    """The department has nothing more to do: confirmed or withdrawn."""

    type = "request.closed.v1"
    source = "routing"
    reason: Literal["confirmed", "withdrawn"]


EVENTS: tuple[type[Event], ...] = (
    CitizenRegistered, CitizenVerified, CitizenCodeIssued, CitizenRegistrationRepeated,
    ServicePublished, RequestSubmitted, RequestCorrected, RequestAnswered, RequestConfirmed, RequestDisputed,
    RequestWithdrawn, RequestAnonymised,
    DepartmentCreated, RequestRouted, RequestAccepted, RequestQuestioned, RequestProgressed, RequestTransferred,
    RequestResolved, RequestResumed, RequestReopened, RequestClosed,
)  # fmt: skip
BY_TYPE: dict[str, type[Event]] = {event.type: event for event in EVENTS}

CONSUMERS: dict[str, tuple[str, ...]] = {
    "citizen": ("requests", "notifier"),
    "service": ("routing",),
    "request@requests": ("routing", "notifier"),
    "request@routing": ("requests", "notifier"),
    "department": ("identity",),
}
"""Who must have taken in the events of each stream before its source may call them settled."""


def stream_of(event: type[Event]) -> str:
    """The stream an event belongs to: its subject's kind, and the source where two sources speak of one kind."""
    kind = event.type.partition(".")[0]
    return f"request@{event.source}" if kind == "request" else kind
