"""Reads a city's file by the mapping of its columns: rows that can be filed, and the reasons why others cannot."""

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from deploy.local.errors import LocalError
from deploy.local.home import ROOT
from shared.yaml_file import read_yaml

FOLDER = ROOT / "deploy" / "demo"
Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", min_length=2, max_length=30)]
SPACES = re.compile(r"\s+")
ID = re.compile(r"[!-~]{1,60}")
MAX_ADDRESS, MAX_WORDS = 300, 3000
Cells = Mapping[str, str]
csv.field_size_limit(1_000_000)


class MappingPart(BaseModel):
    """A part of a mapping, without unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class CodedName(MappingPart):
    """A city or a department: code and names."""

    code: Slug
    en: str
    ur: str


class Columns(MappingPart):
    """The columns; None if the city does not publish one."""

    id: str
    department: str
    department_name: str | None = None
    category: str
    type: str
    details: list[str] = []
    opened: str
    closed: str
    status: str
    words: str
    latitude: str
    longitude: str


class CityMapping(MappingPart):
    """A kind of file. `address` are groups of columns: the first group with a value in its first column is used."""

    city: CodedName
    header: list[str]
    dates: str
    columns: Columns
    address: list[list[str]]
    nothing: list[str] = []
    """Values that count as empty."""
    closed_is: str
    no_pin: list[tuple[float, float]] = []
    before_words: str = ""
    """A regular expression for the text before the reply of the person who closed it."""
    not_granted: list[str] = []
    """Texts that say that nothing was done for a request."""
    departments: dict[str, CodedName]


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
    closed: datetime | None
    is_closed: bool
    words: str
    address: str
    pin: tuple[float, float] | None


@dataclass(frozen=True)
class CityFile:
    """The content of a file; `unusable` are the lines of rows that cannot be filed, and the reasons."""

    name: str
    mapping: CityMapping
    rows: list[Row]
    unusable: list[tuple[int, str]]


def choose_mapping(header: Sequence[str]) -> CityMapping:
    """The mapping that fits the header line. Raises LocalError."""
    for file in sorted(FOLDER.glob("*.yaml")):
        mapping = CityMapping.model_validate(read_yaml(file))
        if set(mapping.header) <= set(header):
            return mapping
    known = ", ".join(sorted(file.stem for file in FOLDER.glob("*.yaml")))
    raise LocalError(f"no mapping fits this header line: there are {known} (add one in {FOLDER})")


def read_file(file: Path) -> CityFile:
    """Read a CSV file with the mapping that fits. Raises LocalError."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            reader = csv.DictReader(text, restkey="", restval=None)
            mapping = choose_mapping(reader.fieldnames or [])
            lines = [(reader.line_num, cells) for cells in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise LocalError(f"{file}: {error}") from None
    return _read(file.stem, mapping, lines)


def _read(name: str, mapping: CityMapping, lines: Iterable[tuple[int, Cells]]) -> CityFile:
    rows: dict[str, Row] = {}
    unusable = []
    for line, cells in lines:
        try:
            row = read_row(line, cells, mapping)
            if row.id in rows:
                raise ValueError(f"the id {row.id} is in line {rows[row.id].line} already")
            rows[row.id] = row
        except ValueError as error:
            unusable.append((line, str(error)))
    return CityFile(name, mapping, [*rows.values()], unusable)


def read_row(line: int, published: Cells, mapping: CityMapping) -> Row:
    """A row. Raises ValueError with the reason why it cannot be used."""
    if "" in published or None in published.values():
        raise ValueError("it has more or fewer columns than the header line")
    nothing = {value.casefold() for value in mapping.nothing}
    cells = {name: _plain(value, nothing) for name, value in published.items()}
    columns = mapping.columns
    for name in (columns.id, columns.department, columns.type, columns.opened):
        if not cells.get(name):
            raise ValueError(f"{name} is blank")
    if not ID.fullmatch(cells[columns.id]):
        raise ValueError(f"{columns.id} cannot be an id")
    return Row(
        line=line,
        id=cells[columns.id],
        department=cells[columns.department],
        department_name=cells.get(columns.department_name or "") or cells[columns.department],
        category=cells.get(columns.category) or cells[columns.type],
        type=cells[columns.type],
        details=tuple(cells[name] for name in columns.details if cells.get(name)),
        opened=_moment(cells, columns.opened, mapping),
        closed=_moment(cells, columns.closed, mapping) if cells.get(columns.closed) else None,
        is_closed=cells.get(columns.status) == mapping.closed_is,
        words=re.sub(mapping.before_words, "", cells.get(columns.words, ""), count=1).strip()[:MAX_WORDS],
        address=_address(cells, mapping),
        pin=_pin(cells, mapping),
    )


def _plain(value: str, nothing: set[str]) -> str:
    text = SPACES.sub(" ", value).strip()
    return "" if text.casefold() in nothing else text


def _moment(cells: Cells, column: str, mapping: CityMapping) -> datetime:
    try:
        return datetime.strptime(cells[column], mapping.dates)
    except ValueError:
        raise ValueError(f"{column} is no date: {cells[column][:40]!r}") from None


def _address(cells: Cells, mapping: CityMapping) -> str:
    for group in mapping.address:
        if cells.get(group[0]):
            return ", ".join(cells[name] for name in group if cells.get(name))[:MAX_ADDRESS]
    return ""


def _pin(cells: Cells, mapping: CityMapping) -> tuple[float, float] | None:
    try:
        pin = float(cells.get(mapping.columns.latitude, "")), float(cells.get(mapping.columns.longitude, ""))
    except ValueError:
        return None
    on_earth = -90 <= pin[0] <= 90 and -180 <= pin[1] <= 180
    return pin if on_earth and pin != (0.0, 0.0) and pin not in mapping.no_pin else None
