"""Events of routing: departments, and their work on requests."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.clock import Moment
from shared.events.contract import Event, Sealed, Words


class DepartmentCreated(Event):
    """A department was created or its credentials were renewed; the subject is its code."""

    type = "department.created.v1"
    name: Words
    client_secret_sha256: str
    by: str | None = Field(None, description="the administrator; absent where a file declares the department")
    renewed: bool | None = Field(None, description="the department existed before and has a new password")
    old_until: Moment | None = Field(None, description="until when the old password is valid")


class DepartmentChanged(Event):
    """Details of a department, its queues or its subscriptions changed; the subject is its code."""

    type = "department.changed.v1"
    name: Words
    changed: list[str] = Field(description="the names of the fields")
    by: str = Field(description="the administrator or head, or `routing`")
    subscription: str | None = Field(None, description="the name of the subscription that changed")
    subscription_act: str | None = Field(None, description="what was done with it")
    subscription_stopped: bool | None = Field(None, description="routing stopped it, because it kept failing")


class RulesPublished(Event):
    """An administrator put a version of the portal's routing rules in force; the subject is `routing`."""

    type = "rules.published.v1"
    version: int
    rules: int = Field(description="how many rules it has")
    by: str = Field(description="the administrator")


class DepartmentAccessRenewed(Event):
    """A queue of the department has a new password: its software should have it before the old one ends."""

    type = "department.access_renewed.v1"
    queue: str
    user: str = Field(description="the user that the new password belongs to")
    old_until: Moment | None = Field(None, description="until when the old one is valid; absent where it has ended")


class DepartmentMessagesPutAside(Event):
    """Messages that the department's software rejected are not sent to its queue again; a replay brings them."""

    type = "department.messages_put_aside.v1"
    queue: str
    messages: list[str] = Field(description="the ids of the messages; at most 100 in one event")


ActorKind = Literal["citizen", "officer", "head", "authority", "software", "clock", "routing"]


class AssignmentEvent(Event):
    """The common fields of events about a request at a department."""

    citizen_id: str
    department: str
    actor: str = "department"
    actor_kind: ActorKind | None = Field(None, description="the kind of `actor`; `software`: a department's own")
    caused_by: str | None = Field(None, description="message_id of the action of department's software that caused it")
    heard: int | None = Field(
        None,
        description="ce-seq of the last event of /requests that routing had applied; a later one may end the request",
    )


class ExpectedRange(BaseModel):
    """The expected time of resolution from past requests: by when half, and nine out of ten, were resolved."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    half_by: Moment
    most_by: Moment
    based_on: int
    of: Literal["department", "service"] = Field(
        description="the past requests: of the service at this department, or at any"
    )


class RequestRouted(AssignmentEvent):
    """The request was assigned to a department, and its deadlines run."""

    type = "request.routed.v1"
    department_name: Words
    because: Words
    service: str
    service_name: Words
    kind: Literal["application", "complaint", "appeal"]
    district: str
    respond_by: Moment
    due_at: Moment
    details: str = Field(description="the path of the request's details at the gateway")
    expected: ExpectedRange | None = None
    question_open: bool | None = Field(
        None, description="transferred with an unanswered question: request.resumed.v1 follows the answer"
    )
    why: Literal["first", "transfer", "separated", "revived"] | None = Field(
        None,
        description="filed or appealed; transferred by another department; separated after a merge; or the request "
        "into which it was merged ended without a result",
    )


class RequestAccepted(AssignmentEvent):
    """The department accepted the request."""

    type = "request.accepted.v1"


class RequestQuestioned(AssignmentEvent):
    """The department asked the citizen a question and waits for the answer."""

    type = "request.questioned.v1"
    question: Sealed
    due_at: Moment | None = Field(None, description="moves by the time until the answer")


class RequestProgressed(AssignmentEvent):
    """The department reported progress."""

    type = "request.progressed.v1"
    note: Sealed


class RequestTransferred(AssignmentEvent):
    """The request was transferred to another department, whose `request.routed` follows."""

    type = "request.transferred.v1"
    to: str
    reason: Sealed
    question_open: bool | None = Field(None, description="an unanswered question is transferred too")
    wanted: str | None = Field(
        None, description="the department that was named, where the third transfer goes to the triage desk instead"
    )


class RequestResolved(AssignmentEvent):
    """The department resolved the request with an outcome and a reply."""

    type = "request.resolved.v1"
    outcome: Literal["granted", "partly_granted", "not_granted"]
    reply: Sealed
    due_at: Moment | None = None
    reason: str | None = Field(None, description="why it was not, or only partly, granted: one of the declared codes")
    copied: bool | None = Field(None, description="the department gave this reply to many requests")
    level: Literal["head", "appeal"] | None = Field(None, description="by the head after a dispute, or on an appeal")
    final: bool | None = Field(None, description="by the head after a granted appeal; there is no further appeal")


class RequestResumed(AssignmentEvent):
    """The citizen answered and work continues. The due date moved by the time that the answer took."""

    type = "request.resumed.v1"
    due_at: Moment | None = None
    delayed_until: Moment | None = Field(None, description="the new date, where the department has given one")


class RequestReopened(AssignmentEvent):
    """The request is open again for the department's head, after a dispute or a granted appeal.

    The due date moved by the time since it was resolved.
    """

    type = "request.reopened.v1"
    reason: str
    words: Sealed | None = None
    for_head: bool | None = Field(None, description="people decide: `accept`, `transfer`, `resolve` of software fail")
    due_at: Moment | None = None
    delayed_until: Moment | None = Field(None, description="the new date, where the department has given one")


class RequestDelayed(AssignmentEvent):
    """The department gave a reason for a delay, and a new date. The due date stays."""

    type = "request.delayed.v1"
    reason: Sealed
    until: Moment = Field(description="the new date: the end of that working day")
    due_at: Moment
    count: int = Field(description="number of new dates so far, including this one")


class RequestDueSoon(AssignmentEvent):
    """Three quarters of the time until the due date have passed."""

    type = "request.due_soon.v1"
    due_at: Moment


class RequestOverdue(AssignmentEvent):
    """The due date has passed and the request is not resolved."""

    type = "request.overdue.v1"
    due_at: Moment
    head: Words = Field(description="the office of the person who leads the department")


class RequestEscalated(AssignmentEvent):
    """The overdue request was escalated to a higher official. The department keeps it."""

    type = "request.escalated.v1"
    due_at: Moment
    level: int
    to: Literal["head", "organisation"] = Field(description="the head of the department, or of the organisation")
    official: Words = Field(description="the office of that person")


class RequestAssigned(AssignmentEvent):
    """An officer of the department is responsible for the request from now on, or nobody is."""

    type = "request.assigned.v1"
    officer: str | None = Field(None, description="the account; absent when the request was released")
    deputy_for: str | None = Field(None, description="the colleague who is away, and whose deputy the officer is")


class RequestRecused(AssignmentEvent):
    """An officer has an interest in the request, and cannot see it from now on."""

    type = "request.recused.v1"
    officer: str


class RequestMentioned(AssignmentEvent):
    """An internal note mentions colleagues. The note itself is in no event."""

    type = "request.mentioned.v1"
    officers: list[str] = Field(description="the accounts of the colleagues")


class RequestPartAsked(AssignmentEvent):
    """The department asked another one for a part of the work; that one gets this event on its queue."""

    type = "request.part_asked.v1"
    part: str
    to: str = Field(description="the department that is asked")
    task: Sealed = Field(description="what it is to do: sealed as `request.note`")
    due_at: Moment
    service: str
    service_name: Words
    district: str
    details: str = Field(description="the path of the part at the gateway")


class RequestPartChanged(AssignmentEvent):
    """A part of the work was accepted, done, refused by the asked department, or cancelled by the asking one."""

    type = "request.part_changed.v1"
    part: str
    to: str = Field(description="the department that was asked")
    state: Literal["accepted", "done", "refused", "cancelled"]


class RequestClosed(AssignmentEvent):
    """The request is closed for the department, for the given reason."""

    type = "request.closed.v1"
    reason: Literal["confirmed", "withdrawn", "lapsed", "let_stand", "merged", "decided", "appeal_decided"]
    into: str | None = Field(None, description="after a merge: the number of the primary, under which it continues")
    rating: int | None = Field(None, description="of a citizen who confirmed, from 1 (poor) to 5 (excellent)")


class RequestFileAdded(AssignmentEvent):
    """A file was added to the request: by its citizen, or by the department as evidence."""

    type = "request.file_added.v1"
    attachment: str = Field(description="the file's id at the request's `details`")
    content_type: str
    sha256: str | None = None


class RequestFileRemoved(AssignmentEvent):
    """A file of the request was removed for good: whoever has a copy deletes it."""

    type = "request.file_removed.v1"
    attachment: str
    sha256: str | None = None


class RequestWordsAdded(AssignmentEvent):
    """The citizen added words to the request, or corrected it: read it again."""

    type = "request.words_added.v1"
    into: str | None = Field(None, description="of a merged request: the number of the primary that it is about")


class RequestContactChanged(AssignmentEvent):
    """The citizen's name or mobile changed: read the request again."""

    type = "request.contact_changed.v1"


class RequestCitizenReminded(AssignmentEvent):
    """The citizen was reminded of a question or an outcome. Without an answer, the request is closed at `until`."""

    type = "request.citizen_reminded.v1"
    about: Literal["questioned", "resolved"]
    until: Moment


class RequestUnderAppeal(AssignmentEvent):
    """The citizen appealed against the head's decision. The due date stands still until the authority decides."""

    type = "request.under_appeal.v1"
    appeal: str = Field(description="the number of the appeal")
    due_at: Moment | None = None


class RequestAbsorbed(AssignmentEvent):
    """Another request was merged into this one."""

    type = "request.absorbed.v1"
    duplicate: str = Field(description="the number of the request that was merged")


class RequestErased(AssignmentEvent):
    """The personal data of the request was erased: every department that had it erases its copies."""

    type = "request.erased.v1"
    reason: Literal["erasure", "retention"]


class RequestGraded(AssignmentEvent):
    """The citizen rated the finished request, from 1 (poor) to 5 (excellent)."""

    type = "request.graded.v1"
    rating: int
