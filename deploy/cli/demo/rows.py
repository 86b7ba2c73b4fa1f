"""Reads a city's file: rows that can be filed, and the reasons why others cannot."""

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from deploy.cli.demo.mapping import CityMapping, choose_mapping
from deploy.local.errors import LocalError

SPACES = re.compile(r"\s+")
ID = re.compile(r"[!-~]{1,60}")
MAX_ADDRESS, MAX_WORDS = 300, 3000
csv.field_size_limit(1_000_000)


@dataclass(frozen=True)
class Row:
    """A published request. `department` is the city's name for it."""

    line: int
    id: str
    department: str
    department_name: str
    category: str
    type: str
    details: tuple[str, ...]
    opened: datetime
    due: datetime | None
    closed: datetime | None
    is_closed: bool
    words: str
    address: str
    pin: tuple[float, float] | None
    channel: str


@dataclass(frozen=True)
class Unusable:
    """A row that cannot be filed, and the reason; `line` is its line in the file."""

    line: int
    reason: str


@dataclass(frozen=True)
class CityFile:
    """The content of a file."""

    name: str
    mapping: CityMapping
    rows: list[Row]
    unusable: list[Unusable]


def read_file(file: Path, mapping_name: str | None = None) -> CityFile:
    """Read a CSV file with the named mapping, or the one that fits. Raises LocalError."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            reader = csv.reader(text)
            header = [column.strip() for column in next(reader, [])]
            mapping = choose_mapping(header, mapping_name)
            lines = [(reader.line_num, values) for values in reader if any(value.strip() for value in values)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise LocalError(f"{file}: {error}") from None
    rows, unusable = _read(lines, header, mapping)
    return CityFile(file.stem, mapping, rows, unusable)


def _read(
    lines: Sequence[tuple[int, list[str]]], header: Sequence[str], mapping: CityMapping
) -> tuple[list[Row], list[Unusable]]:
    rows: dict[str, Row] = {}
    unusable = []
    for line, values in lines:
        try:
            row = read_row(line, header, values, mapping)
            if row.id in rows:
                raise ValueError(f"the id {row.id} is in line {rows[row.id].line} already")
            rows[row.id] = row
        except ValueError as error:
            unusable.append(Unusable(line, str(error)))
    return [*rows.values()], unusable


def read_row(line: int, header: Sequence[str], values: Sequence[str], mapping: CityMapping) -> Row:
    """A row. Raises ValueError with the reason why it cannot be used."""
    if len(values) != len(header):
        raise ValueError(f"it has {len(values)} columns, not {len(header)}")
    nothing = {"", *(value.casefold() for value in mapping.nothing)}
    cells = {name: _plain(value, nothing) for name, value in zip(header, values, strict=True)}
    columns = mapping.columns
    for name in (columns.id, columns.department, columns.type, columns.opened):
        if not cells.get(name):
            raise ValueError(f"{name} is blank")
    if not ID.fullmatch(cells[columns.id]):
        raise ValueError(f"{columns.id} cannot be an id")
    opened = _moment(cells, columns.opened, mapping)
    assert opened is not None
    return Row(
        line=line,
        id=cells[columns.id],
        department=cells[columns.department],
        department_name=cells.get(columns.department_name or "") or cells[columns.department],
        category=cells.get(columns.category) or cells[columns.type],
        type=cells[columns.type],
        details=tuple(cells[name] for name in columns.details if cells.get(name)),
        opened=opened,
        due=_moment(cells, columns.due, mapping),
        closed=_moment(cells, columns.closed, mapping),
        is_closed=cells.get(columns.status, "") in mapping.closed_is,
        words=re.sub(mapping.before_words, "", cells.get(columns.words, ""), count=1).strip()[:MAX_WORDS],
        address=_address(cells, mapping),
        pin=_pin(cells, mapping),
        channel=cells.get(columns.channel or "", ""),
    )


def _plain(value: str, nothing: set[str]) -> str:
    text = SPACES.sub(" ", value).strip()
    return "" if text.casefold() in nothing else text


def _moment(cells: Mapping[str, str], column: str | None, mapping: CityMapping) -> datetime | None:
    text = cells.get(column or "", "")
    if not text:
        return None
    try:
        return datetime.strptime(text, mapping.dates)
    except ValueError:
        raise ValueError(f"{column} is no date: {text[:40]!r}") from None


def _address(cells: Mapping[str, str], mapping: CityMapping) -> str:
    for group in mapping.address:
        if cells.get(group[0]):
            return ", ".join(cells[name] for name in group if cells.get(name))[:MAX_ADDRESS]
    return ""


def _pin(cells: Mapping[str, str], mapping: CityMapping) -> tuple[float, float] | None:
    columns = mapping.columns
    try:
        pin = float(cells.get(columns.latitude or "", "")), float(cells.get(columns.longitude or "", ""))
    except ValueError:
        return None
    on_earth = -90 <= pin[0] <= 90 and -180 <= pin[1] <= 180
    return pin if on_earth and pin != (0.0, 0.0) and pin not in mapping.no_pin else None
