"""Finding a service by words or department, and reading its charter, without signing in."""

import asyncio
from collections.abc import Iterable
from functools import partial
from typing import Any

from starlette.responses import Response

from gateway.web.naming import department_names, district_names
from gateway.web.portal import segment
from gateway.web.public.catalogue import (
    APPLICATION,
    COMPLAINT,
    ICONS,
    KINDS,
    Service,
    departments_of,
    fee,
    offer,
    services_of,
    term,
)
from gateway.web.public.room import room
from gateway.web.visit import Visit
from shared.errors import NotFoundError


@room.get("/services")
async def services(visit: Visit) -> Response:
    """All services by department, or those that match words and department. Raises RefusedError."""
    q, kind, chosen = visit.query("q"), visit.query("kind"), visit.query("department")
    kind = kind if kind in KINDS else ""
    offered, departments = await offer(visit, kind)
    narrowed = q or chosen
    return visit.page(
        "public/services.html",
        q=q,
        kind=kind,
        chosen=chosen,
        found=await services_of(visit, q, segment(chosen) if chosen else "", kind) if narrowed else offered,
        narrowed=bool(narrowed),
        departments=departments,
        names={department.code: department.name for department in departments},
        **terms(visit),
    )


@room.get("/departments/{code}")
async def department(visit: Visit) -> Response:
    """A department: its services, and its head. Raises RefusedError, NotFoundError."""
    code = segment(visit.args["code"])
    departments, found = await asyncio.gather(departments_of(visit), services_of(visit, department=code))
    if code not in departments:
        raise NotFoundError
    return visit.page(
        "public/department.html",
        department=departments[code],
        symbol=ICONS.get(code, "flag"),
        applications=of_kind(found, APPLICATION),
        complaints=of_kind(found, COMPLAINT),
        **terms(visit),
    )


@room.get("/services/{code}")
async def service(visit: Visit) -> Response:
    """A service with its charter. Raises RefusedError."""
    code = segment(visit.args["code"])
    entry, departments, districts = await asyncio.gather(
        visit.portal.read(f"/api/v1/catalogue/{code}"), department_names(visit.portal), district_names(visit.portal)
    )
    *special, usual = entry["department"]
    return visit.page(
        "public/service.html",
        service=entry,
        usual=usual["to"],
        special=special,
        names=departments,
        districts=[visit.words.localised(districts.get(code, code)) for code in entry["districts"]],
        **terms(visit),
    )


def of_kind(found: Iterable[Service], kind: str) -> list[Service]:
    """The services of one kind."""
    return [service for service in found if service["kind"] == kind]


def terms(visit: Visit) -> dict[str, Any]:
    """The functions with which templates show times and fees."""
    return {"term": partial(term, visit.words), "fee": partial(fee, visit.words)}
