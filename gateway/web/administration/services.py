"""The catalogue: all services with the state of their versions, one service, and one version of it."""

import asyncio

from starlette.responses import Response

from gateway.web.administration.room import room
from gateway.web.administration.yamltext import write_yaml
from gateway.web.portal import Reply, segment
from gateway.web.visit import Visit

API = "/api/v1/admin/services"
LIST, ONE, VERSION = (f"administration/services{part}.html" for part in ("", "-one", "-version"))
FILTERS = {"draft": "draft", "retired": "retired_at"}
"""The field that a service must have, for each filter of the list."""


@room.get("/admin/services")
async def show(visit: Visit) -> Response:
    """All services, or those with a draft, or the retired ones. Raises RefusedError."""
    only = visit.query("only") if visit.query("only") in FILTERS else ""
    services = (await visit.portal.read(API))["services"]
    found = [service for service in services if not only or service[FILTERS[only]]]
    return visit.page(LIST, services=found, only=only, total=len(services))


@room.get("/admin/services/{code}")
async def show_one(visit: Visit) -> Response:
    """A service: the version in force, its draft, and all versions. Raises RefusedError."""
    code = segment(visit.args["code"])
    stored, versions = await asyncio.gather(stored_service(visit), visit.portal.read(f"{API}/{code}/versions"))
    service = stored.data
    entry = service["draft_entry"] if service["draft"] else service["entry"]
    return visit.page(ONE, service=service, versions=versions["versions"], shown=entry)


@room.get("/admin/services/{code}/versions/{number}")
async def show_version(visit: Visit) -> Response:
    """One published version. Raises RefusedError."""
    code, number = segment(visit.args["code"]), segment(visit.args["number"])
    version = await visit.portal.read(f"{API}/{code}/versions/{number}")
    return visit.page(VERSION, version=version, code=code, text=write_yaml(version["entry"]))


async def stored_service(visit: Visit) -> Reply:
    """The service in the address, with its revision. Raises RefusedError."""
    return await visit.portal.get(f"{API}/{segment(visit.args['code'])}")
