"""What requests says: the catalogue, and what citizens do."""

from typing import Any, Literal

from pydantic import Field

from shared.clock import Moment
from shared.events.contract import Event, Facts, Sealed, Words


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
    evidence: bool | None = None


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


class RequestOverridden(RequestFiled):
    """An officer let it pass although a rule failed, and says why; `failed_rules` are those that did not count."""

    type = "request.overridden.v1"
    source = "requests"
    actor: str
    reason: Sealed


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


class RequestEvidenceAdded(Event):
    """The department that has the request added a file that shows what it did."""

    type = "request.evidence_added.v1"
    source = "requests"
    citizen_id: str
    department: str
    attachment: str
    content_type: str


class RequestAnonymised(Event):
    """The person was taken out of a request: who keeps its words or its citizen's id drops them too."""

    type = "request.anonymised.v1"
    source = "requests"
    citizen_id: str = Field(description="stands for nobody, and only for this request")
    reason: Literal["erasure", "retention"]


class RequestReminded(Event):
    """The citizen was reminded that the next step is theirs; `until` is when a clock takes it in their place."""

    type = "request.reminded.v1"
    source = "requests"
    citizen_id: str
    about: Literal["information_needed", "questioned", "resolved", "resolved_by_head"]
    until: Moment
    final: bool | None = Field(None, description="of the head's, after an appeal: there is no other")


class RequestLapsed(Event):
    """It was closed because the citizen gave no answer in the declared time."""

    type = "request.lapsed.v1"
    source = "requests"
    citizen_id: str
    waited_for: Literal["information_needed", "questioned"]


class RequestLetStand(Event):
    """It was closed because the citizen said nothing against the outcome in the declared time."""

    type = "request.let_stand.v1"
    source = "requests"
    citizen_id: str


class RequestFollowed(Event):
    """Somebody else is to hear of every step: by their own wish, or because their request was merged into it."""

    type = "request.followed.v1"
    source = "requests"
    citizen_id: str
    duplicate: str | None = None


class RequestUnfollowed(Event):
    """That somebody is to hear no more."""

    type = "request.unfollowed.v1"
    source = "requests"
    citizen_id: str


class RequestMerged(Event):
    """An officer found it to be about the same thing as another; it goes on there."""

    type = "request.merged.v1"
    source = "requests"
    citizen_id: str
    into: str


class RequestSeparated(Event):
    """It is a thing of its own after all; its department gets it back."""

    type = "request.separated.v1"
    source = "requests"
    citizen_id: str
    actor: Literal["citizen", "officer"]


class RequestRevived(Event):
    """Its primary (`ended`) ended undone: the merged request goes on by itself, and its department gets it back."""

    type = "request.revived.v1"
    source = "requests"
    citizen_id: str
    ended: str


class AccessRecorded(Event):
    """Somebody of the staff looked at what a citizen filed; looks within one hour are one."""

    type = "access.recorded.v1"
    source = "requests"
    citizen_id: str
    what: Literal["request"]
    request: str
    role: str
    department: str | None = None
    at: Moment
    listed: bool | None = Field(None, description="as a line of a list, with its place and first words; one for a day")


class AccessForgotten(Event):
    """The request that was looked at has lost its person: nothing leads from the citizen to it any more.

    `erased` is there when the citizen is gone too: then the look leads to nobody.
    """

    type = "access.forgotten.v1"
    source = "requests"
    erased: bool | None = None


class RequestAppealed(Event):
    """The citizen appealed against the head's decision; the appeal has a number of its own."""

    type = "request.appealed.v1"
    source = "requests"
    citizen_id: str
    appeal: str


class RequestAppealFiled(Event):
    """An appeal, to be routed to an authority above `department`; the subject is the appeal's own number."""

    type = "request.appeal_filed.v1"
    source = "requests"
    citizen_id: str
    appeal_of: str
    service: str
    service_version: int
    district: str
    department: str
    departments: list[str] = Field(description="every department that had the first request")
    actors: list[str] = Field(description="everybody who acted on it: none of them acts on the appeal")


class RequestRemitted(Event):
    """The appeal was granted, wholly or partly: the head of the department must act on the authority's words."""

    type = "request.remitted.v1"
    source = "requests"
    citizen_id: str
    appeal: str
    words: Sealed


class RequestAppealDecided(Event):
    """The appeal is over and the head's decision stands; `reason` tells how it ended."""

    type = "request.appeal_decided.v1"
    source = "requests"
    citizen_id: str
    appeal: str
    reason: str


class RequestRated(Event):
    """The citizen rated a request that is over, from 1 (poor) to 5 (excellent)."""

    type = "request.rated.v1"
    source = "requests"
    citizen_id: str
    rating: int
