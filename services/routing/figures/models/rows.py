"""The published rows of a month, made from tallies of all its requests."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from services.routing.figures.models.protecting import FEWEST, parts_shown, places_shown

Level = Literal["all", "department", "service", "district", "department_district"]
LEVELS: tuple[Level, ...] = ("all", "department", "service", "district", "department_district")
"""By what a row counts: everything, a department, a department's service, a district, a department in a district."""
Base = Literal["received", "due", "rated"]
BASES: tuple[Base, ...] = ("received", "due", "rated")
"""What is counted: the requests received in a month, those due in it, and those of the latter that were rated."""
SUMS: dict[Base, tuple[str, ...]] = {
    "received": ("transferred",),
    "due": ("on_time", "kept", "provisional", "paused", "delayed", "escalated", "disputed", "reopened", "appealed",
            "appeal_upheld"),
    "rated": ("rating",),
}  # fmt: skip
"""What is added up beside the number of requests (`n`)."""
Cell = tuple[str, str, str]
"""Department, service, district."""
Key = tuple[Level, str | None, str | None, str | None]
Row = dict[str, Any]
N = TypeVar("N", str, int)


@dataclass(frozen=True)
class FigureQuery:
    """The months from `first` to `last`, and which rows of them; None stands for any."""

    first: str
    last: str
    department: str | None = None
    service: str | None = None
    district: str | None = None
    level: Level | None = None


@dataclass
class FigureSums:
    """Sums over some requests, and how long they took."""

    sums: Counter[str] = field(default_factory=Counter)
    days: Counter[int] = field(default_factory=Counter)

    def add(self, other: "FigureSums") -> None:
        """Add another group of requests."""
        add_to(self.sums, other.sums)
        add_to(self.days, other.days)


def add_to(sums: Counter[N], others: Mapping[N, int]) -> None:
    """Add sums; several times faster than `update`."""
    for name, n in others.items():
        sums[name] += n


Tallies = Mapping[Cell, FigureSums]


def rows_of(bases: Mapping[Base, Tallies]) -> list[Row]:
    """The rows of a month; of each base only what may be shown. Rows of which nothing may be shown are left out."""
    rows: dict[Key, Row] = {}
    for base, cells in bases.items():
        for key, tally in _publishable(cells).items():
            rows.setdefault(key, _row(key))[base] = stored(tally, base)
    return [
        rows[key] for key in sorted(rows, key=lambda key: (LEVELS.index(key[0]), *(part or "" for part in key[1:])))
    ]


def stored(tally: FigureSums, base: Base) -> dict[str, Any]:
    """A tally as it is stored and read."""
    sums = {name: tally.sums[name] for name in ("n", *SUMS[base])}
    days = {"days": {str(tenths): n for tenths, n in sorted(tally.days.items())}} if tally.days else {}
    return {**sums, **days}


def _row(key: Key) -> Row:
    return dict(zip(("level", "department", "service", "district"), key, strict=True))


def _publishable(cells: Tallies) -> dict[Key, FigureSums]:
    """The groups of one base that may be shown."""
    groups = {level: _grouped(cells, level) for level in LEVELS}
    shown = _shown({level: {key: tally.sums["n"] for key, tally in of.items()} for level, of in groups.items()})
    return {key: groups[key[0]][key] for key in shown}


def _grouped(cells: Tallies, level: Level) -> dict[Key, FigureSums]:
    groups: dict[Key, FigureSums] = defaultdict(FigureSums)
    for cell, tally in cells.items():
        groups[key_of(level, cell)].add(tally)
    return groups


def key_of(level: Level, cell: Cell) -> Key:
    """The group of a level that a cell belongs to."""
    department, service, district = cell
    return (
        level,
        department if level in ("department", "service", "department_district") else None,
        service if level == "service" else None,
        district if level in ("district", "department_district") else None,
    )


def _shown(sizes: Mapping[Level, Mapping[Key, int]]) -> set[Key]:
    whole: Key = ("all", None, None, None)
    total = sizes["all"].get(whole, 0)
    departments = parts_shown(total, sizes["department"])
    districts = parts_shown(total, sizes["district"])
    found = {*departments, *districts, *([whole] if total >= FEWEST else [])}
    for department in departments:
        services = {key: n for key, n in sizes["service"].items() if key[1] == department[1]}
        found |= parts_shown(sizes["department"][department], services)
    return found | _places(sizes["department_district"], departments, districts)


def _places(sizes: Mapping[Key, int], departments: Collection[Key], districts: Collection[Key]) -> set[Key]:
    shown = places_shown(
        {(str(key[1]), str(key[3])): n for key, n in sizes.items()},
        {str(key[1]) for key in departments},
        {str(key[3]) for key in districts},
    )
    return {("department_district", department, None, district) for department, district in shown}


def summed(rows: Iterable[Row]) -> Row:
    """Rows added up: of several months, or of a service at several departments. What is not shown is not in it."""
    total: dict[Base, FigureSums] = {}
    for row in rows:
        for base in BASES:
            if base in row:
                total.setdefault(base, FigureSums()).add(tally_of(row[base]))
    return {base: stored(tally, base) for base, tally in total.items()}


def tally_of(kept: Mapping[str, Any]) -> FigureSums:
    """A stored tally."""
    sums = Counter({name: n for name, n in kept.items() if name != "days"})
    return FigureSums(sums, Counter({int(tenths): n for tenths, n in kept.get("days", {}).items()}))
