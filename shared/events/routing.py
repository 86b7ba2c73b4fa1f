"""What routing says: departments, and what becomes of a request there."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.clock import Moment
from shared.events.contract import Event, Sealed, Words


class DepartmentCreated(Event):
    """A department was made or its access renewed; the subject is its code."""

    type = "department.created.v1"
    source = "routing"
    name: Words
    client_secret_sha256: str
    by: str | None = Field(None, description="the administrator; nobody where a file declares it")
    renewed: bool | None = Field(None, description="it was there before and has a new password")
    old_until: Moment | None = Field(None, description="until when the old password stays good")


class DepartmentChanged(Event):
    """What is told of a department is another now; the subject is its code."""

    type = "department.changed.v1"
    source = "routing"
    name: Words
    changed: list[str] = Field(description="the names of the fields")
    by: str = Field(description="the administrator")


class AssignmentEvent(Event):
    """What happened to a request at a department."""

    citizen_id: str
    department: str
    actor: str = "department"
    heard: int | None = Field(
        None, description="ce-seq of the last event of /requests that routing had taken in; a later one may be the end"
    )


class ExpectedRange(BaseModel):
    """When it will be done as the past tells: half of so many were done by then, and nine of ten."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    half_by: Moment
    most_by: Moment
    based_on: int
    of: Literal["department", "service"] = Field(description="whose past: that service at this department, or anywhere")


class RequestRouted(AssignmentEvent):
    """A department has it, and the clocks run."""

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
    details: str = Field(description="path of the request's details behind the gateway")
    expected: ExpectedRange | None = None
    question_open: bool | None = Field(
        None, description="transferred while the citizen has a question to answer: request.resumed.v1 follows"
    )


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
    question_open: bool | None = Field(
        None, description="the citizen has a question to answer, which is transferred too"
    )


class RequestResolved(AssignmentEvent):
    """The department closed it with an outcome and its own words."""

    type = "request.resolved.v1"
    source = "routing"
    outcome: Literal["granted", "partly_granted", "not_granted"]
    reply: Sealed
    reason: str | None = Field(None, description="why not, or not wholly: one of the declared codes")
    copied: bool | None = Field(None, description="the department gives this reply to many")
    level: Literal["head", "appeal"] | None = Field(None, description="by the head after a dispute, or on an appeal")
    final: bool | None = Field(None, description="by the head after an appeal was granted: there is no other appeal")


class RequestResumed(AssignmentEvent):
    """Work goes on: the citizen answered. The due date has moved by the time that this took."""

    type = "request.resumed.v1"
    source = "routing"
    due_at: Moment | None = None
    delayed_until: Moment | None = Field(None, description="the new date, where the department has given one")


class RequestReopened(AssignmentEvent):
    """A request is open again at the department's head: disputed, or sent back by an authority with its words.

    The due date has moved by the time since it was resolved.
    """

    type = "request.reopened.v1"
    source = "routing"
    reason: str
    words: Sealed | None = None
    due_at: Moment | None = None
    delayed_until: Moment | None = Field(None, description="the new date, where the department has given one")


class RequestDelayed(AssignmentEvent):
    """It takes longer than promised: the department says why, and gives a new date. The due date stays."""

    type = "request.delayed.v1"
    source = "routing"
    reason: Sealed
    until: Moment = Field(description="the new date: the end of that working day")
    due_at: Moment
    count: int = Field(description="how many new dates the department has given, with this one")


class RequestDueSoon(AssignmentEvent):
    """Three quarters of the time until the due date are used."""

    type = "request.due_soon.v1"
    source = "routing"
    due_at: Moment


class RequestOverdue(AssignmentEvent):
    """The due date is over, and the request is not resolved."""

    type = "request.overdue.v1"
    source = "routing"
    due_at: Moment
    head: Words = Field(description="the office of the person who leads the department")


class RequestEscalated(AssignmentEvent):
    """It is late, and a higher official has to see to it. The department keeps it."""

    type = "request.escalated.v1"
    source = "routing"
    due_at: Moment
    level: int
    to: Literal["head", "organisation"] = Field(description="the head of the department, or of the organisation")
    official: Words = Field(description="the office of that person")


class RequestClosed(AssignmentEvent):
    """The department has nothing more to do, and why."""

    type = "request.closed.v1"
    source = "routing"
    reason: Literal["confirmed", "withdrawn", "lapsed", "let_stand", "merged", "decided", "appeal_decided"]
    into: str | None = Field(None, description="after a merge: the number of the primary, under which it goes on")
