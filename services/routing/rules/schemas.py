"""What the answers about routing rules contain."""

from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict

from services.routing.schemas import DepartmentWords, Worker
from shared.clock import TimeText


class RuleProblem(TypedDict):
    """A rule that is skipped, and why: it is `unreadable`, or names an `unknown_department` or `unknown_area`."""

    rule: str
    problem: str


class PublishedRule(TypedDict):
    """One rule, as it was written."""

    name: str
    when: dict[str, Any]
    to: str
    because: DepartmentWords


class RuleDraft(TypedDict):
    """The draft of the next version."""

    rules: list[PublishedRule]
    tried: bool
    """It was tried and not changed since, so it can be published."""
    by: Worker
    at: TimeText | None
    problems: list[RuleProblem]


class RuleSetWhole(TypedDict):
    """The rule set in force (version 0: none yet), and its draft."""

    version: int
    rules: list[PublishedRule]
    published_at: TimeText | None
    published_by: Worker | None
    problems: list[RuleProblem]
    """The rules that routing skips."""
    draft: RuleDraft | None


class RuleVersionLine(TypedDict):
    """A published version."""

    version: int
    published_at: TimeText | None
    published_by: Worker | None
    count: int
    """How many rules it has."""


class RuleVersions(TypedDict):
    """Published versions, newest first."""

    versions: list[RuleVersionLine]


class RuleVersionWhole(RuleVersionLine):
    """A published version in full."""

    rules: list[PublishedRule]


class Decided(TypedDict):
    """A department, and the rule of the set that chose it; null for the service's own rules, or none."""

    department: str
    rule: str | None


_Move = TypedDict("_Move", {"from": Decided, "to": Decided})


class RuleMove(_Move):
    """A request that would go elsewhere. `number` names a stored one, `row` a row of the table (the first is 1)."""

    service: str
    district: str
    at: TimeText | None
    number: NotRequired[str]
    row: NotRequired[int]


class RuleTried(TypedDict):
    """The result of trying the draft. Nothing was changed or sent."""

    tried: int
    moved: list[RuleMove]
    chosen_by: dict[str, int]
    """For how many each rule of the draft would decide."""
    problems: list[RuleProblem]


class AreaLine(TypedDict):
    """An area on the map."""

    code: str
    name: DepartmentWords
    points: int
    used: bool
    """A rule in force names it."""
    changed_at: TimeText | None


class AreaLines(TypedDict):
    """All areas."""

    areas: list[AreaLine]


class AreaShape(TypedDict):
    """A polygon, or several, as GeoJSON."""

    type: Literal["Polygon", "MultiPolygon"]
    coordinates: list[Any]


class AreaWhole(AreaLine):
    """An area with its shape."""

    shape: AreaShape
