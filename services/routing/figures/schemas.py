"""What each answer about figures holds; `examples.yaml` of routing has an example of each."""

from typing import Literal

from typing_extensions import TypedDict

from shared.clock import TimeText


class FigureRow(TypedDict):
    """The figures of one group of requests in one month; null where they are about fewer than five requests.

    `level` says by what the group is chosen; `department`, `service` and `district` are null where any is meant. The
    dictionary defines each figure.
    """

    month: str
    level: Literal["all", "department", "service", "district", "department_district"]
    department: str | None
    service: str | None
    district: str | None
    received: int | None
    transferred: int | None
    first_response_median_days: float | None
    first_response_90_percent_days: float | None
    due: int | None
    on_time_not_reopened: int | None
    provisional: int | None
    on_time: int | None
    paused: int | None
    interim_replies: int | None
    escalated: int | None
    disputed: int | None
    reopened: int | None
    appealed: int | None
    appeals_upheld: int | None
    resolution_median_days: float | None
    resolution_90_percent_days: float | None
    rated: int | None
    mean_rating: float | None


class PublishedFigures(TypedDict):
    """Rows of the months asked for, and up to when they are complete; `as_of` is null until they are first made.

    `totals` adds up the shown rows of all months for each group: days are those of all its requests together. What a
    month does not show is missing in the sum.
    """

    as_of: TimeText | None
    first_month: str
    last_month: str
    fewest: int
    provisional_days: int
    rows: list[FigureRow]
    totals: list[FigureRow]


class FigureDefinition(TypedDict):
    """A column of the figures."""

    name: str
    type: Literal["text", "count", "days", "mean"]
    text: str


class FigureDictionary(TypedDict):
    """All columns, in their order in the CSV file."""

    columns: list[FigureDefinition]
