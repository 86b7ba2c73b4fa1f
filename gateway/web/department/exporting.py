"""The filtered list as CSV: what the list shows, without anything that citizens wrote."""

import csv
import io
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from starlette.responses import Response

from gateway.web.department.filters import Filter
from gateway.web.department.room import room
from gateway.web.department.worklist import page_with_words
from gateway.web.naming import DisplayNames, names_of
from gateway.web.states import KINDS, OUTCOMES, STATES
from gateway.web.visit import NO_STORE, Visit
from gateway.web.words import _
from shared.clock import PAKISTAN
from shared.spreadsheet import as_cell

MAX_ROWS, AT_ONCE = 2000, 100
COLUMNS = (
    _("Number"), _("Kind"), _("Service"), _("District"), _("State"), _("Outcome"), _("Received"), _("Due"),
    _("New date"), _("Late"), _("Handled by"), _("For the head"),
)  # fmt: skip

CALLED = {"routed": _("New"), "reopened": _("Reopened"), "resolved": _("Resolved, not yet closed")}
"""States that departments call otherwise than citizens."""


@room.get("/desk/list.csv")
async def export(visit: Visit) -> Response:
    """The list with the filters of the address. Raises RefusedError."""
    filters = Filter.of(visit.request.query_params)
    names = await names_of(visit)
    rows, more = await rows_of(visit, filters)
    file = io.StringIO()
    file.write("\ufeff")  # spreadsheets take a file without it for Latin letters
    writer = csv.writer(file)
    writer.writerow([visit.say(column) for column in COLUMNS])
    writer.writerows([[as_cell(cell) for cell in cells_of(visit, row, names)] for row in rows])
    if more:
        writer.writerow([visit.say("There are more. This file has the first %(n)s.", n=MAX_ROWS)])
    headers = {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": 'attachment; filename="rabta-list.csv"',
        "Cache-Control": NO_STORE,
    }
    return Response(file.getvalue().encode(), headers=headers)


async def rows_of(visit: Visit, filters: Filter) -> tuple[list[Mapping[str, Any]], bool]:
    """All rows up to the limit, and whether there are more. Raises RefusedError."""
    if filters.q:
        found = await page_with_words(visit, filters)
        return list(found.assignments), not found.complete
    rows: list[Mapping[str, Any]] = []
    query = {**filters.to_query(), "cursor": "", "limit": AT_ONCE}
    while True:
        page = await visit.portal.read("/api/v1/assignments", query)
        rows += page["assignments"]
        if page["next"] is None or len(rows) >= MAX_ROWS:
            return rows[:MAX_ROWS], page["next"] is not None
        query["cursor"] = page["next"]


def cells_of(visit: Visit, row: Mapping[str, Any], names: DisplayNames) -> list[str]:
    """The cells of a row, in the order of `COLUMNS`."""
    say, localised = visit.say, visit.words.localised
    yes, worker = visit.say("yes"), row["with"]
    return [
        row["number"],
        say(KINDS[row["kind"]]),
        localised(names.service(row["service"])),
        localised(names.district(row["district"])),
        say(CALLED.get(row["state"]) or STATES[row["state"]].words),
        say(OUTCOMES[row["outcome"]]) if row["outcome"] else "",
        day_of(row["routed_at"]),
        day_of(row["due_at"]),
        day_of(row["delayed_until"]),
        yes if row["clock"] == "late" else "",
        (worker["name"] or say("An officer")) if worker else "",
        yes if row["for_head"] else "",
    ]


def day_of(time: str | None) -> str:
    """The day in Pakistan as spreadsheets read it."""
    return f"{datetime.fromisoformat(time).astimezone(PAKISTAN):%Y-%m-%d %H:%M}" if time else ""
