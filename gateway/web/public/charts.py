"""Column charts of shares by month, laid out for both directions of writing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.web.words import Translator

STEP, WIDTH = 30, 22
TOP, GROUND = 20, 110
"""Where 100 % and 0 % lie."""
FEWEST_STEPS = 6
NAMED = 6
"""With more months only the first, the last and every third one are named."""
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Column:
    """A month in the chart; `percent` is None where nothing is shown, `beside` is what it is compared with."""

    x: int
    name: str
    percent: int | None
    beside: int | None
    changes: bool
    """Whether it may still change."""

    @property
    def middle(self) -> float:
        """The middle of the column."""
        return self.x + WIDTH / 2

    def y(self, percent: int) -> float:
        """How high a share stands."""
        return GROUND - (GROUND - TOP) * percent / 100


@dataclass(frozen=True)
class Trend:
    """A chart with its text."""

    columns: list[Column]
    width: int
    text: str

    @property
    def compared(self) -> bool:
        """Whether something is shown beside the columns."""
        return any(column.beside is not None for column in self.columns)

    @property
    def changes(self) -> bool:
        """Whether some of it may still change."""
        return any(column.changes and column.percent is not None for column in self.columns)


def percent(row: Row | None) -> int | None:
    """The share of requests due that were resolved on time and not reopened, in per cent."""
    return share(row["on_time_not_reopened"], row["due"]) if row else None


def share(n: int | None, of: int | None) -> int | None:
    """A part in per cent; None if it is not known."""
    return round(100 * n / of) if n is not None and of else None


def trend(words: Translator, months: Sequence[str], rows: Sequence[Row], beside: Sequence[Row] = ()) -> Trend:
    """The chart of these months, the first at the beginning of a line."""
    own, others = ({row["month"]: row for row in some} for some in (rows, beside))
    width = STEP * max(len(months), FEWEST_STEPS)
    columns = []
    for place, month in enumerate(months):
        row = own.get(month)
        columns.append(
            Column(
                x=_x(place, width, words.language),
                name=words.short_month(month) if _is_named(place, len(months)) else "",
                percent=percent(row),
                beside=percent(others.get(month)),
                changes=bool(row and row["provisional"]),
            )
        )
    return Trend(columns, width, _text(words, [(row["month"], percent(row)) for row in rows]))


def _x(place: int, width: int, language: str) -> int:
    edge = (STEP - WIDTH) // 2
    return width - STEP * (place + 1) + edge if language == "ur" else STEP * place + edge


def _is_named(place: int, months: int) -> bool:
    return months <= NAMED or place == months - 1 or (place % 3 == 0 and months - 1 - place > 1)


def _text(words: Translator, shares: Sequence[tuple[str, int | None]]) -> str:
    shown = [(month, n) for month, n in shares if n is not None]
    if not shown:
        return words.say("Too few requests to show.")
    (first, began), (last, ended) = shown[0], shown[-1]
    if first == last:
        return words.say("%(n)s%% in %(month)s.", n=ended, month=words.month(last))
    return words.say(
        "From %(a)s%% in %(first)s to %(b)s%% in %(last)s.",
        a=began, first=words.month(first), b=ended, last=words.month(last),
    )  # fmt: skip
