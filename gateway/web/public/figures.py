"""Figures: how departments keep their dates, for all, for each department, and for each service."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

from starlette.responses import Response

from gateway.web.portal import segment
from gateway.web.public.catalogue import departments_of
from gateway.web.public.charts import percent, share, trend
from gateway.web.public.room import room
from gateway.web.visit import Visit
from shared.errors import NotFoundError

API = "/api/v1/public/figures"
SHARES: dict[str, Any] = {"percent": percent, "share": share}
"""The functions with which templates show shares."""
Row = Mapping[str, Any]


@room.get("/figures")
async def figures(visit: Visit) -> Response:
    """All departments together, each of them, and each district. Raises RefusedError."""
    whole, by_department, by_district, names = await asyncio.gather(
        read(visit, level="all"), read(visit, level="department"), read(visit, level="district"), names_of(visit)
    )
    return visit.page(
        "public/figures.html",
        whole=whole,
        total=next(iter(whole["totals"]), None),
        trend=trend(visit.words, months_of(whole["rows"]), whole["rows"]),
        departments=largest_first(by_department["totals"]),
        districts=largest_first(by_district["totals"]),
        names=names,
        **SHARES,
    )


@room.get("/figures/departments/{code}")
async def department(visit: Visit) -> Response:
    """One department beside all, with its services and districts. Raises RefusedError, NotFoundError."""
    code = segment(visit.args["code"])
    own, whole, services, districts, names = await asyncio.gather(
        read(visit, level="department", department=code),
        read(visit, level="all"),
        read(visit, level="service", department=code),
        read(visit, level="department_district", department=code),
        names_of(visit),
    )
    if code not in names["department"]:
        raise NotFoundError
    return visit.page(
        "public/figures-department.html",
        code=code,
        whole=whole,
        own=own,
        total=next(iter(own["totals"]), None),
        beside=next(iter(whole["totals"]), None),
        beside_months={row["month"]: row for row in whole["rows"]},
        trend=trend(visit.words, months_of(own["rows"]), own["rows"], whole["rows"]),
        services=largest_first(services["totals"]),
        districts=largest_first(districts["totals"]),
        names=names,
        **SHARES,
    )


@room.get("/figures/services/{code}")
async def service(visit: Visit) -> Response:
    """One service at each department that has it. Raises RefusedError, NotFoundError."""
    code = segment(visit.args["code"])
    found, names = await asyncio.gather(read(visit, level="service", service=code), names_of(visit))
    if code not in names["service"] and not found["totals"]:
        raise NotFoundError
    parts = []
    for total in largest_first(found["totals"]):
        rows = [row for row in found["rows"] if row["department"] == total["department"]]
        parts.append({"total": total, "rows": rows, "trend": trend(visit.words, months_of(rows), rows)})
    return visit.page("public/figures-service.html", code=code, whole=found, parts=parts, names=names, **SHARES)


async def read(visit: Visit, **query: str) -> dict[str, Any]:
    """The last twelve months of some rows. Raises RefusedError."""
    return await visit.portal.read(API, query)


async def names_of(visit: Visit) -> dict[str, dict[str, Any]]:
    """The names of departments, services and districts, by code. Raises RefusedError."""
    departments, catalogue = await asyncio.gather(departments_of(visit), visit.portal.read("/api/v1/catalogue"))
    localised = visit.words.localised
    return {
        "department": {code: known["name"] for code, known in departments.items()},
        "service": {one["code"]: localised(one["name"]) for one in catalogue["services"]},
        "district": {code: localised(name) for code, name in catalogue["districts"].items()},
    }


def months_of(rows: Iterable[Row]) -> list[str]:
    """The months in which something was due, the first first."""
    return sorted({row["month"] for row in rows if row["due"]})


def largest_first(rows: Iterable[Row]) -> list[Row]:
    """Rows by the number of requests, the largest first."""
    return sorted(rows, key=lambda row: (-(row["received"] or 0), -(row["due"] or 0), str(row["department"])))
