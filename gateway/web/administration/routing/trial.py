"""Trying the draft: which of the latest requests, or of those in a table, would go elsewhere."""

import csv
import io
from collections import Counter
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from gateway.web.administration.room import room
from gateway.web.administration.routing.rules import API, rule_names, rule_set
from gateway.web.forms.answers import read_number
from gateway.web.portal import RefusedError
from gateway.web.visit import Visit

PAGE = "administration/routing/try.html"
TABLE = "table"
ROWS_AT_ONCE, MAX_ROWS = 200, 5000
MAX_BYTES = 3_000_000
USUAL = "1000"
Tried = dict[str, Any]


@room.get("/admin/routing/try")
async def show(visit: Visit) -> Response:
    """The form: how many requests, or a table. Raises RefusedError."""
    visit.form.prefill({"last": USUAL})
    return await page(visit, None)


@room.post("/admin/routing/try", max_bytes=MAX_BYTES, again=show)
async def try_out(visit: Visit) -> Response:
    """Every request that would go elsewhere. Nothing is changed. Raises RefusedError."""
    rows = await rows_of(visit)
    try:
        tried = await (try_rows(visit, rows) if rows else try_latest(visit))
    except RefusedError as refused:
        if rows and refused.errors:
            visit.form.fail(TABLE, "\n".join(f"{one['pointer']}: {one['message']}" for one in refused.errors))
        raise
    return await page(visit, tried)


async def rows_of(visit: Visit) -> list[dict[str, str]]:
    """The rows of the chosen table, as they are written; empty if none was chosen. Raises FormError."""
    file = visit.form.file(TABLE)
    if file is None:
        return []
    try:
        text = (await file.read()).decode("utf-8-sig")
        rows = [
            {str(name): cell for name, cell in row.items() if isinstance(cell, str)}
            for row in csv.DictReader(io.StringIO(text, newline=""), strict=True)
        ]
    except (UnicodeDecodeError, csv.Error):
        visit.form.fail(TABLE, visit.say("This is not a CSV table in UTF-8."))
    if not 0 < len(rows) <= MAX_ROWS:
        visit.form.fail(TABLE, visit.say("The table needs a line of column names and 1 to 5,000 more lines."))
    return rows


async def try_latest(visit: Visit) -> Tried:
    """Try the requests that were routed last. Raises RefusedError."""
    last = read_number(visit.form.value("last") or USUAL)
    tried: Tried = (await visit.portal.post(f"{API}/try", {"last": last})).data
    return tried


async def try_rows(visit: Visit, rows: list[dict[str, str]]) -> Tried:
    """Try the rows of a table, some at a time. Raises RefusedError."""
    parts: list[Tried] = []
    for start in range(0, len(rows), ROWS_AT_ONCE):
        body = {"rows": rows[start : start + ROWS_AT_ONCE], "first_row": start + 1}
        parts.append((await visit.portal.post(f"{API}/try", body)).data)
    return {
        "tried": sum(part["tried"] for part in parts),
        "moved": [move for part in parts for move in part["moved"]],
        "problems": list({one["rule"]: one for part in parts for one in part["problems"]}.values()),
    }


async def page(visit: Visit, tried: Tried | None) -> Response:
    """Show the form and, after a trial, its result. Raises RefusedError."""
    stored, shown = await rule_set(visit), await rule_names(visit)
    return visit.page(PAGE, rules=stored.data, tried=tried, ways=ways_of(tried), **shown)


def ways_of(tried: Mapping[str, Any] | None) -> list[tuple[str, str, int]]:
    """How many would move from which department to which, most first."""
    moves = tried["moved"] if tried else []
    ways = Counter((move["from"]["department"], move["to"]["department"]) for move in moves)
    return [(*way, count) for way, count in ways.most_common()]
