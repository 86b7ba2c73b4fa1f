"""What each answer holds: checked by mypy where it is made and told by the API's description.

`examples.yaml` has an example of each, by the name of its type.
"""

from typing import NotRequired

from typing_extensions import TypedDict

_Edge = TypedDict("_Edge", {"from": str, "to": str})  # `from` is no name that a class may give


class Department(TypedDict):
    """A department, who heads it, and the districts it works in (none named: all)."""

    code: str
    name: str
    head: str
    districts: list[str]


class Departments(TypedDict):
    """Every department."""

    departments: list[Department]


class Credentials(TypedDict):
    """What a department's own software signs in with at the broker; the password is shown this once."""

    department: str
    user: str
    password: str
    queue: str


class Line(TypedDict):
    """An assignment as a line of a list."""

    number: str
    service: str
    kind: str
    district: str
    department: str | None
    state: str
    routed_at: str | None
    respond_by: str | None
    due_at: str | None
    paused_since: str | None
    outcome: str | None
    for_head: bool
    copied: bool
    details: str
    """Where the request itself is to be read."""


class Lines(TypedDict):
    """A page of assignments, due soonest first; `next` is the cursor of the one after."""

    assignments: list[Line]
    next: str | None


class Step(_Edge):
    """A step of an assignment's history."""

    n: int
    action: str
    by: str
    at: str | None
    department: str | None
    because: NotRequired[dict[str, str]]
    """In both languages."""
    reason: NotRequired[str]
    outcome: NotRequired[str]
    copied: NotRequired[bool]
    due_at: NotRequired[str | None]
    words: NotRequired[str]


class Whole(Line):
    """An assignment whole, with what may be done with it."""

    because: str | None
    history: list[Step]
    actions: list[str]
