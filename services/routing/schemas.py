"""The bodies of the API's answers, shown in its description; `examples.yaml` has an example of each, by its name."""

from typing import Literal, NotRequired

from typing_extensions import TypedDict

from shared.clock import TimeText

_Edge = TypedDict("_Edge", {"from": str, "to": str})  # `from` is no name that a class may give


class Department(TypedDict):
    """A department, who heads it, and who hears appeals."""

    code: str
    name: str
    head: str
    appellate_authority: str
    districts: list[str]
    """Deprecated, always empty: rules say which department serves which district."""


class Departments(TypedDict):
    """Every department."""

    departments: list[Department]


class Credentials(TypedDict):
    """The credentials of a department's own software at the broker; the password is shown only once."""

    department: str
    user: str
    password: str
    queue: str
    old_until: TimeText | None
    """Until when the previous credentials stay valid; None if they are not valid."""


class DepartmentWords(TypedDict):
    """The same in both languages."""

    en: str
    ur: str


class AtBroker(TypedDict):
    """What exists of a department at the broker."""

    user: bool
    """The user exists with the newest password."""
    queue: bool
    messages: int | None
    """How many messages wait; None while the broker has not counted a new queue."""
    consumers: int | None


class ManagedDepartment(TypedDict):
    """A department as administrators see it; `appeals_to` null leads appeals to the ombudsman."""

    code: str
    name: DepartmentWords
    head: DepartmentWords
    appellate_authority: DepartmentWords
    appeals_to: str | None
    districts: list[str]
    """Deprecated, always empty: rules say which department serves which district."""
    queue: str
    user: str
    password_at: TimeText | None
    """When the current password was created; None for an old one."""
    old_until: TimeText | None
    """Until when the previous password stays valid; None if it is not valid."""
    broker: AtBroker | None
    """None while the broker does not answer."""


class ManagedDepartments(TypedDict):
    """Every department as administrators see it."""

    departments: list[ManagedDepartment]
    holidays_to_confirm: list[str]
    """Unconfirmed holidays of the last month and the next two weeks; the first day of a year that has none."""


class Worker(TypedDict):
    """A member of staff, or a department's software."""

    id: str
    name: str | None
    """None until the event with the name has arrived."""


_With = TypedDict("_With", {"with": Worker | None})  # `with` is no name that a class may give


class AssignmentLine(_With):
    """An assignment as a line of a list; `with` is who works on it, `etag` what `If-Match` names for an action."""

    number: str
    service: str
    kind: str
    district: str
    department: str | None
    state: str
    clock: Literal["late", "due_soon", "running", "stopped", "over"]
    """The state of its clock: due soon is within 48 hours, stopped while the department waits for somebody else."""
    routed_at: TimeText | None
    respond_by: TimeText | None
    responded_at: TimeText | None
    """When the department first acted on it."""
    due_at: TimeText | None
    paused_since: TimeText | None
    delayed_until: TimeText | None
    """The newest date that the department gave; the due date stays."""
    interim_replies: int
    """How many new dates it gave."""
    owes_new_date: bool
    """It is late, and the citizen was given no new date, or one that has passed too."""
    escalation_level: int
    """0 while it is not escalated."""
    escalated_to: str | None
    """The head of the department (`head`), or of the organisation (`organisation`)."""
    resolved_at: TimeText | None
    outcome: str | None
    for_head: bool
    copied: bool
    open_parts: int
    """How many parts of the work other departments have still to do; it cannot be resolved before."""
    acceptable: bool
    """Whether the caller may accept it now."""
    etag: str
    details: str
    """The address of the request itself."""


class AssignmentLines(TypedDict):
    """A page of assignments in the requested order; `next` is the cursor of the next page."""

    assignments: list[AssignmentLine]
    next: str | None


class AssignmentTotals(TypedDict):
    """How many assignments there are in all; null for more than 10,000."""

    list: int | None
    """In the list asked for."""
    mine: int | None
    """The same list, with the caller alone; open ones unless a state is asked for."""
    department: int | None
    """The same list, with anybody or nobody."""
    all: int | None
    """The same list in any state, closed ones too."""


class AssignmentStep(_Edge):
    """A step of an assignment's history."""

    n: int
    action: str
    by: str
    by_name: str | None
    """Of staff and of a department's software; None for routing, the citizen and the clock."""
    at: TimeText | None
    department: str | None
    because: NotRequired[dict[str, str]]
    """In both languages."""
    rule: NotRequired[str]
    """The rule of the portal's rule set that chose the department."""
    rules_version: NotRequired[int]
    reason: NotRequired[str]
    outcome: NotRequired[str]
    into: NotRequired[str]
    """Of a merge: the number under which it goes on."""
    copied: NotRequired[bool]
    due_at: NotRequired[TimeText | None]
    until: NotRequired[TimeText | None]
    """The new date."""
    level: NotRequired[int]
    official: NotRequired[dict[str, str]]
    """To which office it was escalated, in both languages."""
    words: NotRequired[str]
    officer: NotRequired[str]
    """The account that is responsible since then, or that has an interest in it."""
    officer_name: NotRequired[str | None]
    deputy_for: NotRequired[str]
    """The colleague who is away, and for whom the officer stands in."""
    part: NotRequired[str]
    part_department: NotRequired[str]
    part_state: NotRequired[str]


class AssignmentDetails(AssignmentLine):
    """A whole assignment, with the actions that are possible."""

    because: str | None
    history: list[AssignmentStep]
    actions: list[str]
    evidence_wanted: bool
    """The service requires evidence before it is resolved, and the department has added none."""


class TransferredAway(TypedDict):
    """A request that the department transferred: to which department, and why. It can read nothing else of it."""

    number: str
    at: TimeText | None
    by: str
    by_name: str | None
    to: str
    to_name: str
    reason: str | None
    """Null once the request is anonymised, and for transfers by an earlier version of the portal."""


class AssignmentCounts(TypedDict):
    """How much a department has of what, at that moment."""

    at: TimeText | None
    open: int
    new: int
    """Nobody has accepted them yet."""
    late: int
    due_soon: int
    """Within 48 hours."""
    waiting: int
    """For the citizen's answer."""
    mine: int
    for_head: int
    """Disputed, or sent back by an authority."""
    appeals: int
    resolved: int
    """Resolved, and the citizen may still dispute it."""
    states: dict[str, int]
    """All but the closed ones."""
    services: dict[str, int]
    """Open ones, by code."""
    districts: dict[str, int]


class OfficerLoad(_With):
    """What is open with one officer, or with nobody yet."""

    open: int
    late: int
    due_soon: int
    waiting: int
    for_head: int
    resolved_7: int
    """Resolved in the last 7 days and not reopened, of those that this officer was responsible for."""
    resolved_30: int


class LateFor(TypedDict):
    """How many are late by so many days: from the first to the last, or more."""

    from_days: int
    to_days: int | None
    count: int


class Overview(TypedDict):
    """What is open at a department, how late it is, and which officer has it."""

    at: TimeText | None
    open: int
    late: int
    due_soon: int
    waiting: int
    for_head: int
    escalated_to_head: int
    """Late ones that were escalated to the head of the department."""
    escalated_to_organisation: int
    """Late ones that were escalated to the head of the organisation."""
    owes_new_date: int
    """Late ones whose citizen was given no new date, or one that has passed."""
    under_appeal: int
    """The head's decision is before an authority."""
    appeals: int
    """Open appeals that the department itself decides."""
    resolved_7: int
    """Resolved in the last 7 days and not reopened."""
    resolved_30: int
    copied_30: int
    """Of those: with a reply that many citizens got."""
    late_for: list[LateFor]
    officers: list[OfficerLoad]


class AssignmentChange(TypedDict):
    """An assignment that has changed, with its last step; the id is the cursor from which to go on."""

    id: str
    number: str
    action: str
    state: str
    at: TimeText | None
    by: str
    """An account, or `routing`, `citizen`, `clock`, `authority`."""
    by_name: str | None
    """Of staff and of a department's software."""
    service: str
    kind: str
    district: str
    for_head: bool


class AssignmentChanges(TypedDict):
    """Assignments that have changed after a cursor, oldest first."""

    updates: list[AssignmentChange]
    next: str
