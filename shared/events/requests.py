"""Events of requests: the catalogue, and acts of citizens."""

from typing import Any, Literal

from pydantic import Field

from shared.clock import Moment
from shared.events.contract import Event, Facts, Sealed, Words


class ServicePublished(Event):
    """A version of a service was published; the subject is the service's code."""

    type = "service.published.v1"
    version: int
    kind: Literal["application", "complaint"]
    name: Words
    due: dict[str, Any]
    respond: dict[str, Any]
    department: list[dict[str, Any]]
    evidence: bool | None = None
    category: str | None = None
    by: str | None = Field(None, description="the administrator; absent where it was published from a file")


class ServiceWithdrawn(Event):
    """An administrator withdrew a service: no more filings; filed requests go on. The subject is the service's code."""

    type = "service.withdrawn.v1"
    version: int
    by: str = Field(description="the administrator")


class RequestEvent(Event):
    """An event about a request of a citizen."""

    citizen_id: str


class RequestFiled(RequestEvent):
    """The common fields of events about a request that was filed or verified again."""

    service: str
    service_version: int
    kind: Literal["application", "complaint"]
    district: str
    facts: Facts = Field(default_factory=dict)
    state: Literal["verifying", "information_needed", "ineligible"]
    failed_rules: list[str] = Field(default_factory=list)
    channel: Literal["web", "counter", "phone", "open311", "api"] | None = Field(None, description="how it was filed")
    point: Sealed | None = Field(None, description="the place, as `latitude,longitude`, for rules with areas")


class RequestSubmitted(RequestFiled):
    """A request was filed; it was verified by the declared rules, with the result in `state`."""

    type = "request.submitted.v1"


class RequestCorrected(RequestFiled):
    """The citizen corrected the answers and they were verified again."""

    type = "request.corrected.v1"


class RequestOverridden(RequestFiled):
    """An officer forwarded the request, with a reason, although the rules in `failed_rules` failed."""

    type = "request.overridden.v1"
    actor: str
    reason: Sealed


class RequestAnswered(RequestEvent):
    """The citizen answered the department's question."""

    type = "request.answered.v1"


class RequestConfirmed(RequestEvent):
    """The citizen confirmed the outcome."""

    type = "request.confirmed.v1"
    rating: int | None = None


class RequestDisputed(RequestEvent):
    """The citizen disputed the outcome; the head of the department has to decide."""

    type = "request.disputed.v1"
    reason: str


class RequestWithdrawn(RequestEvent):
    """The citizen withdrew the request."""

    type = "request.withdrawn.v1"


class RequestEvidenceAdded(RequestEvent):
    """The department in charge added a file as evidence of its work."""

    type = "request.evidence_added.v1"
    department: str
    attachment: str
    content_type: str
    sha256: str | None = None
    actor: str | None = Field(None, description="the account that added it, or the department's software")


class RequestAttachmentAdded(RequestEvent):
    """The citizen added a file after filing."""

    type = "request.attachment_added.v1"
    attachment: str
    content_type: str
    sha256: str


class RequestAttachmentRemoved(RequestEvent):
    """A file was removed: by its citizen, or because it was infected."""

    type = "request.attachment_removed.v1"
    attachment: str
    sha256: str
    infected: bool | None = None


class RequestToldMore(RequestEvent):
    """The citizen added words, which are about this request or, if it was merged, about its primary (`into`)."""

    type = "request.told_more.v1"
    into: str


class RequestAnonymised(Event):
    """The personal data of a request was erased: every consumer erases its texts and the citizen's id too."""

    type = "request.anonymised.v1"
    citizen_id: str = Field(description="a new anonymous id, used for this request only")
    reason: Literal["erasure", "retention"]


class RequestReminded(RequestEvent):
    """The citizen was reminded of the next step; after `until` it is taken automatically."""

    type = "request.reminded.v1"
    about: Literal["information_needed", "questioned", "resolved", "resolved_by_head"]
    until: Moment
    final: bool | None = Field(
        None, description="the head's outcome after an appeal, against which there is no further appeal"
    )


class RequestCitizenCorrected(RequestEvent):
    """The citizen's name or mobile changed while the request is at a department. The data itself is in no event."""

    type = "request.citizen_corrected.v1"


class RequestLapsed(RequestEvent):
    """The request was closed because the citizen did not answer in time."""

    type = "request.lapsed.v1"
    waited_for: Literal["information_needed", "questioned"]


class RequestLetStand(RequestEvent):
    """The request was closed because the citizen did not dispute the outcome in time."""

    type = "request.let_stand.v1"


class RequestFollowed(RequestEvent):
    """Another citizen follows the request, by their own choice or because their request was merged into it."""

    type = "request.followed.v1"
    duplicate: str | None = None


class RequestUnfollowed(RequestEvent):
    """The citizen no longer follows the request."""

    type = "request.unfollowed.v1"


class RequestMerged(RequestEvent):
    """An officer merged the request into another one, under which it continues."""

    type = "request.merged.v1"
    into: str
    hidden_from: list[str] | None = Field(None, description="staff who have an interest in either request")


class RequestDuplicateJoined(RequestEvent):
    """Another request was merged into this one, its primary."""

    type = "request.duplicate_joined.v1"
    duplicate: str
    hidden_from: list[str] | None = Field(None, description="staff who have an interest in either request")


class RequestSeparated(RequestEvent):
    """The request was separated from the one it was merged into; its department gets it back."""

    type = "request.separated.v1"
    actor: Literal["citizen", "officer"]


class RequestRevived(RequestEvent):
    """The request's primary (`ended`) ended without a result: it continues alone, and its department gets it back."""

    type = "request.revived.v1"
    ended: str


class AccessRecorded(RequestEvent):
    """A member of staff read a citizen's request; several reads within an hour are recorded once."""

    type = "access.recorded.v1"
    what: Literal["request"]
    request: str
    role: str
    department: str | None = None
    at: Moment
    listed: bool | None = Field(
        None, description="as an entry of a list, with its location and first words; recorded once a day"
    )


class AccessForgotten(Event):
    """The personal data of the request was erased: the access record no longer refers to it.

    With `erased` the citizen was erased too, and the record no longer refers to the citizen.
    """

    type = "access.forgotten.v1"
    erased: bool | None = None


class RequestAppealed(RequestEvent):
    """The citizen appealed against the head's decision; the appeal has its own number."""

    type = "request.appealed.v1"
    appeal: str


class RequestAppealFiled(RequestEvent):
    """An appeal was filed, to be routed to an authority above `department`; the subject is the appeal's number."""

    type = "request.appeal_filed.v1"
    appeal_of: str
    service: str
    service_version: int
    district: str
    department: str
    departments: list[str] = Field(description="every department that had the original request")
    actors: list[str] = Field(description="all accounts that acted on it; they must not act on the appeal")
    hidden_from: list[str] | None = Field(None, description="staff who have an interest in the original request")


class RequestRemitted(RequestEvent):
    """The appeal was granted, fully or partly: the head of the department must act on the authority's decision."""

    type = "request.remitted.v1"
    appeal: str
    words: Sealed


class RequestAppealDecided(RequestEvent):
    """The appeal ended and the head's decision stands; `reason` is how it ended."""

    type = "request.appeal_decided.v1"
    appeal: str
    reason: str


class RequestRated(RequestEvent):
    """The citizen rated a finished request, from 1 (poor) to 5 (excellent)."""

    type = "request.rated.v1"
    rating: int
