"""Published rows as answers: the same columns in JSON and CSV."""

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, cast

from services.routing.figures import schemas
from services.routing.figures.models.days import days_within
from services.routing.figures.models.facts import FINAL_AFTER
from services.routing.figures.models.protecting import FEWEST
from services.routing.figures.models.rows import FigureQuery, Row, summed, tally_of
from shared.paging import time_text
from shared.yaml_file import read_yaml

Column = Mapping[str, Any]
RECEIVED = {"received": "n", "transferred": "transferred"}
DUE = {
    "due": "n",
    "on_time_not_reopened": "kept",
    "provisional": "provisional",
    "on_time": "on_time",
    "paused": "paused",
    "interim_replies": "delayed",
    "escalated": "escalated",
    "disputed": "disputed",
    "reopened": "reopened",
    "appealed": "appealed",
    "appeals_upheld": "appeal_upheld",
}
"""Columns, and the sums that they show."""


@cache
def columns() -> tuple[Column, ...]:
    """The columns with their definitions."""
    return tuple(read_yaml(Path(__file__).with_name("dictionary.yaml")))


def dictionary(language: str) -> schemas.FigureDictionary:
    """The definition of each column."""
    return {"columns": [{"name": one["name"], "type": one["type"], "text": one["text"][language]} for one in columns()]}


def answer(query: FigureQuery, as_of: datetime | None, months: dict[str, list[Row]]) -> schemas.PublishedFigures:
    """The rows that were asked for, and their sums over the months."""
    return {
        "as_of": time_text(as_of),
        "first_month": query.first,
        "last_month": query.last,
        "fewest": FEWEST,
        "provisional_days": FINAL_AFTER.days,
        "rows": [row_of(month, row) for month, rows in months.items() for row in rows],
        "totals": totals(query, months),
    }


def totals(query: FigureQuery, months: dict[str, list[Row]]) -> list[schemas.FigureRow]:
    """Each group's rows added up over the months."""
    groups: dict[tuple[str | None, ...], list[Row]] = {}
    for rows in months.values():
        for row in rows:
            groups.setdefault(tuple(row[name] for name in ("level", "department", "service", "district")), []).append(
                row
            )
    return [row_of(f"{query.first}/{query.last}", {**rows[0], **summed(rows)}) for rows in groups.values()]


def row_of(month: str, row: Row) -> schemas.FigureRow:
    """One row with all columns."""
    received, due, rated = (row.get(base) or {} for base in ("received", "due", "rated"))
    group = {name: row[name] for name in ("level", "department", "service", "district")}
    values = {
        "month": month,
        **group,
        **{name: received.get(kept) for name, kept in RECEIVED.items()},
        **_days("first_response", received),
        **{name: due.get(kept) for name, kept in DUE.items()},
        **_days("resolution", due),
        "rated": rated.get("n"),
        "mean_rating": round(rated["rating"] / rated["n"], 1) if rated else None,
    }
    return cast(schemas.FigureRow, {column["name"]: values[column["name"]] for column in columns()})


def _days(name: str, kept: Mapping[str, Any]) -> dict[str, float | None]:
    counted = tally_of(kept).days
    return {
        f"{name}_median_days": days_within(counted, 50, FEWEST),
        f"{name}_90_percent_days": days_within(counted, 90, FEWEST),
    }


def csv_text(rows: Iterable[Mapping[str, Any]]) -> str:
    """Rows as CSV (RFC 4180): a header line, empty fields for what is not shown."""
    text = io.StringIO()
    writer = csv.DictWriter(text, [column["name"] for column in columns()])
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
