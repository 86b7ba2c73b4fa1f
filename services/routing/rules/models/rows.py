"""Rows of a table (CSV) with requests to try rules on. Every cell is text; unknown columns are answers."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import get_args

from services.routing.rules.models.area import Point
from services.routing.rules.models.rule import Channel
from shared.clock import PAKISTAN, zoned
from shared.errors import Mistake, MistakesError

COLUMNS = ("service", "district", "latitude", "longitude", "channel", "at")
"""All but `service` may be missing or empty; `at` is a time such as 2026-07-01T21:30, in Pakistan."""
INTEGER = re.compile(r"-?[0-9]{1,15}")
WORDS = {"true": True, "false": False}
Answer = str | int | bool


@dataclass(frozen=True)
class TriedRow:
    """A request as a row tells it."""

    service: str
    district: str = ""
    point: Point | None = None
    channel: str | None = None
    at: datetime | None = None
    answers: Mapping[str, Answer] = field(default_factory=dict)


def read_rows(rows: Sequence[Mapping[str, str]]) -> list[TriedRow]:
    """The requests of all rows. Raises MistakesError with all cells that cannot be read."""
    mistakes: list[Mistake] = []
    read = [_read(n, row, mistakes) for n, row in enumerate(rows)]
    if mistakes:
        raise MistakesError(mistakes)
    return read


def _read(n: int, row: Mapping[str, str], mistakes: list[Mistake]) -> TriedRow:
    cells = {name.strip(): text.strip() for name, text in row.items() if text.strip()}
    channel = cells.get("channel")
    if "service" not in cells:
        mistakes.append(Mistake(f"/rows/{n}/service", "required"))
    if channel is not None and channel not in get_args(Channel):
        mistakes.append(Mistake(f"/rows/{n}/channel", "choice"))
    return TriedRow(
        service=cells.get("service", ""),
        district=cells.get("district", ""),
        point=_point(n, cells, mistakes),
        channel=channel,
        at=_time(n, cells, mistakes),
        answers={name: _answer(text) for name, text in cells.items() if name not in COLUMNS},
    )


def _point(n: int, cells: Mapping[str, str], mistakes: list[Mistake]) -> Point | None:
    if "latitude" not in cells and "longitude" not in cells:
        return None
    try:
        point = Point(float(cells["latitude"]), float(cells["longitude"]))
        if abs(point.latitude) <= 90 and abs(point.longitude) <= 180:
            return point
    except (KeyError, ValueError):
        pass
    mistakes.append(Mistake(f"/rows/{n}/latitude", "invalid"))
    return None


def _time(n: int, cells: Mapping[str, str], mistakes: list[Mistake]) -> datetime | None:
    if "at" not in cells:
        return None
    try:
        return zoned(datetime.fromisoformat(cells["at"]), PAKISTAN)
    except ValueError:
        mistakes.append(Mistake(f"/rows/{n}/at", "invalid"))
        return None


def _answer(text: str) -> Answer:
    """An answer as forms hold it: yes and no, whole numbers, and choices."""
    if text.lower() in WORDS:
        return WORDS[text.lower()]
    return int(text) if INTEGER.fullmatch(text) else text
