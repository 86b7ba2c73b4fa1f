"""Events of requests: the catalogue, and acts of citizens."""

from typing import Any, Literal

from pydantic import Field

from shared.clock import Moment
from shared.events.contract import Event, Facts, Sealed, Words


class ServicePublished(Event):
    """A version of a service was published; the subject is the service's code."""

    type = "service.published.v1"
    source = "requests"
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
    source = "requests"
    version: int
    by: str = Field(description="the administrator")


class RequestFiled(Event):
    """The common fields of events about a request that was filed or verified again."""

    citizen_id: str
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
    source = "requests"


class RequestCorrected(RequestFiled):
    """The citizen corrected the answers and they were verified again."""

    type = "request.corrected.v1"
    source = "requests"


class RequestOverridden(RequestFiled):
    """An officer forwarded the request, with a reason, although the rules in `failed_rules` failed."""

    type = "request.overridden.v1"
    source = "requests"
    actor: str
    reason: Sealed


class RequestAnswered(Event):
    """The citizen answered the department's question."""

    type = "request.answered.v1"
    source = "requests"
    citizen_id: str


class RequestConfirmed(Event):
    """The citizen confirmed the outcome."""

    type = "request.confirmed.v1"
    source = "requests"
    citizen_id: str
    rating: int | None = None


class RequestDisputed(Event):
    """The citizen disputed the outcome; the head of the department has to decide."""

    type = "request.disputed.v1"
    source = "requests"
    citizen_id: str
    reason: str


class RequestWithdrawn(Event):
    """The citizen withdrew the request."""

    type = "request.withdrawn.v1"
    source = "requests"
    citizen_id: str


class RequestEvidenceAdded(Event):
    """The department in charge added a file as evidence of its work."""

    type = "request.evidence_added.v1"
    source = "requests"
    citizen_id: str
    department: str
    attachment: str
    content_type: str
    sha256: str | None = None
    actor: str | None = Field(None, description="the account that added it, or the department's software")


class RequestAttachmentAdded(Event):
    """The citizen added a file after filing."""

    type = "request.attachment_added.v1"
    source = "requests"
    citizen_id: str
    attachment: str
    content_type: str
    sha256: str


class RequestAttachmentRemoved(Event):
    """A file was removed: by its citizen, or because it was infected."""

    type = "request.attachment_removed.v1"
    source = "requests"
    citizen_id: str
    attachment: str
    sha256: str
    infected: bool | None = None


class RequestToldMore(Event):
    """The citizen added words, which are about this request or, if it was merged, about its primary (`into`)."""

    type = "request.told_more.v1"
    source = "requests"
    citizen_id: str
    into: str


class RequestAnonymised(Event):
    """The personal data of a request was erased: every consumer erases its texts and the citizen's id too."""

    type = "request.anonymised.v1"
    source = "requests"
    citizen_id: str = Field(description="a new anonymous id, used for this request only")
    reason: Literal["erasure", "retention"]


class RequestReminded(Event):
    """The citizen was reminded of the next step; after `until` it is taken automatically."""

    type = "request.reminded.v1"
    source = "requests"
    citizen_id: str
    about: Literal["information_needed", "questioned", "resolved", "resolved_by_head"]
    until: Moment
    final: bool | None = Field(
        None, description="the head's outcome after an appeal, against which there is no further appeal"
    )


class RequestCitizenCorrected(Event):
    """The citizen's name or mobile changed while the request is at a department. The data itself is in no event."""

    type = "request.citizen_corrected.v1"
    source = "requests"
    citizen_id: str


class RequestLapsed(Event):
    """The request was closed because the citizen did not answer in time."""

    type = "request.lapsed.v1"
    source = "requests"
    citizen_id: str
    waited_for: Literal["information_needed", "questioned"]


class RequestLetStand(Event):
    """The request was closed because the citizen did not dispute the outcome in time."""

    type = "request.let_stand.v1"
    source = "requests"
    citizen_id: str


class RequestFollowed(Event):
    """Another citizen follows the request, by their own choice or because their request was merged into it."""

    type = "request.followed.v1"
    source = "requests"
    citizen_id: str
    duplicate: str | None = None


class RequestUnfollowed(Event):
    """The citizen no longer follows the request."""

    type = "request.unfollowed.v1"
    source = "requests"
    citizen_id: str


class RequestMerged(Event):
    """An officer merged the request into another one, under which it continues."""

    type = "request.merged.v1"
    source = "requests"
    citizen_id: str
    into: str
    hidden_from: list[str] | None = Field(None, description="staff who have an interest in either request")


class RequestDuplicateJoined(Event):
    """Another request was merged into this one, its primary."""

    type = "request.duplicate_joined.v1"
    source = "requests"
    citizen_id: str
    duplicate: str
    hidden_from: list[str] | None = Field(None, description="staff who have an interest in either request")


class RequestSeparated(Event):
    """The request was separated from the one it was merged into; its department gets it back."""

    type = "request.separated.v1"
    source = "requests"
    citizen_id: str
    actor: Literal["citizen", "officer"]


class RequestRevived(Event):
    """The request's primary (`ended`) ended without a result: it continues alone, and its department gets it back."""

    type = "request.revived.v1"
    source = "requests"
    citizen_id: str
    ended: str


class AccessRecorded(Event):
    """A member of staff read a citizen's request; several reads within an hour are recorded once."""

    type = "access.recorded.v1"
    source = "requests"
    citizen_id: str
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
    source = "requests"
    erased: bool | None = None


class RequestAppealed(Event):
    """The citizen appealed against the head's decision; the appeal has its own number."""

    type = "request.appealed.v1"
    source = "requests"
    citizen_id: str
    appeal: str


class RequestAppealFiled(Event):
    """An appeal was filed, to be routed to an authority above `department`; the subject is the appeal's number."""

    type = "request.appeal_filed.v1"
    source = "requests"
    citizen_id: str
    appeal_of: str
    service: str
    service_version: int
    district: str
    department: str
    departments: list[str] = Field(description="every department that had the original request")
    actors: list[str] = Field(description="all accounts that acted on it; they must not act on the appeal")
    hidden_from: list[str] | None = Field(None, description="staff who have an interest in the original request")


class RequestRemitted(Event):
    """The appeal was granted, fully or partly: the head of the department must act on the authority's decision."""

    type = "request.remitted.v1"
    source = "requests"
    citizen_id: str
    appeal: str
    words: Sealed


class RequestAppealDecided(Event):
    """The appeal ended and the head's decision stands; `reason` is how it ended."""

    type = "request.appeal_decided.v1"
    source = "requests"
    citizen_id: str
    appeal: str
    reason: str


class RequestRated(Event):
    """The citizen rated a finished request, from 1 (poor) to 5 (excellent)."""

    type = "request.rated.v1"
    source = "requests"
    citizen_id: str
    rating: int
