"""Events of routing: departments, and their work on requests."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.clock import Moment
from shared.events.contract import Event, Sealed, Words


class DepartmentCreated(Event):
    """A department was created or its credentials were renewed; the subject is its code."""

    type = "department.created.v1"
    source = "routing"
    name: Words
    client_secret_sha256: str
    by: str | None = Field(None, description="the administrator; absent where a file declares the department")
    renewed: bool | None = Field(None, description="the department existed before and has a new password")
    old_until: Moment | None = Field(None, description="until when the old password is valid")


class DepartmentChanged(Event):
    """The published details of a department changed; the subject is its code."""

    type = "department.changed.v1"
    source = "routing"
    name: Words
    changed: list[str] = Field(description="the names of the fields")
    by: str = Field(description="the administrator")


class AssignmentEvent(Event):
    """The common fields of events about a request at a department."""

    citizen_id: str
    department: str
    actor: str = "department"
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
    source = "routing"
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


class RequestAccepted(AssignmentEvent):
    """The department accepted the request."""

    type = "request.accepted.v1"
    source = "routing"


class RequestQuestioned(AssignmentEvent):
    """The department asked the citizen a question and waits for the answer."""

    type = "request.questioned.v1"
    source = "routing"
    question: Sealed


class RequestProgressed(AssignmentEvent):
    """The department reported progress."""

    type = "request.progressed.v1"
    source = "routing"
    note: Sealed


class RequestTransferred(AssignmentEvent):
    """The request was transferred to another department, whose `request.routed` follows."""

    type = "request.transferred.v1"
    source = "routing"
    to: str
    reason: Sealed
    question_open: bool | None = Field(None, description="an unanswered question is transferred too")


class RequestResolved(AssignmentEvent):
    """The department resolved the request with an outcome and a reply."""

    type = "request.resolved.v1"
    source = "routing"
    outcome: Literal["granted", "partly_granted", "not_granted"]
    reply: Sealed
    reason: str | None = Field(None, description="why it was not, or only partly, granted: one of the declared codes")
    copied: bool | None = Field(None, description="the department gave this reply to many requests")
    level: Literal["head", "appeal"] | None = Field(None, description="by the head after a dispute, or on an appeal")
    final: bool | None = Field(None, description="by the head after a granted appeal; there is no further appeal")


class RequestResumed(AssignmentEvent):
    """The citizen answered and work continues. The due date moved by the time that the answer took."""

    type = "request.resumed.v1"
    source = "routing"
    due_at: Moment | None = None
    delayed_until: Moment | None = Field(None, description="the new date, where the department has given one")


class RequestReopened(AssignmentEvent):
    """The request is open again for the department's head, after a dispute or a granted appeal.

    The due date moved by the time since it was resolved.
    """

    type = "request.reopened.v1"
    source = "routing"
    reason: str
    words: Sealed | None = None
    due_at: Moment | None = None
    delayed_until: Moment | None = Field(None, description="the new date, where the department has given one")


class RequestDelayed(AssignmentEvent):
    """The department gave a reason for a delay, and a new date. The due date stays."""

    type = "request.delayed.v1"
    source = "routing"
    reason: Sealed
    until: Moment = Field(description="the new date: the end of that working day")
    due_at: Moment
    count: int = Field(description="number of new dates so far, including this one")


class RequestDueSoon(AssignmentEvent):
    """Three quarters of the time until the due date have passed."""

    type = "request.due_soon.v1"
    source = "routing"
    due_at: Moment


class RequestOverdue(AssignmentEvent):
    """The due date has passed and the request is not resolved."""

    type = "request.overdue.v1"
    source = "routing"
    due_at: Moment
    head: Words = Field(description="the office of the person who leads the department")


class RequestEscalated(AssignmentEvent):
    """The overdue request was escalated to a higher official. The department keeps it."""

    type = "request.escalated.v1"
    source = "routing"
    due_at: Moment
    level: int
    to: Literal["head", "organisation"] = Field(description="the head of the department, or of the organisation")
    official: Words = Field(description="the office of that person")


class RequestClosed(AssignmentEvent):
    """The request is closed for the department, for the given reason."""

    type = "request.closed.v1"
    source = "routing"
    reason: Literal["confirmed", "withdrawn", "lapsed", "let_stand", "merged", "decided", "appeal_decided"]
    into: str | None = Field(None, description="after a merge: the number of the primary, under which it continues")
