"""The catalogue: all services with the stages of their versions, one service, and one version of it."""

import asyncio
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from gateway.web.administration.room import room
from gateway.web.administration.yamltext import write_yaml
from gateway.web.portal import Reply, segment
from gateway.web.visit import Visit

API = "/api/v1/admin/services"
LIST, ONE, VERSION = (f"administration/services{part}.html" for part in ("", "-one", "-version"))
SHOWN = ("", "draft", "retired")


@room.get("/admin/services")
async def show(visit: Visit) -> Response:
    """All services, or those with a draft, or those retired. Raises RefusedError."""
    only = visit.query("only") if visit.query("only") in SHOWN else ""
    found = (await visit.portal.read(API))["services"]
    kept = [one for one in found if not only or one["draft" if only == "draft" else "retired_at"]]
    return visit.page(LIST, services=kept, only=only, total=len(found))


@room.get("/admin/services/{code}")
async def show_one(visit: Visit) -> Response:
    """A service: what is in force, its draft, and its versions. Raises RefusedError."""
    code = segment(visit.args["code"])
    stored, versions = await asyncio.gather(read(visit), visit.portal.get(f"{API}/{code}/versions"))
    service = stored.data
    return visit.page(
        ONE,
        service=service,
        versions=versions.data["versions"],
        shown=service["draft_entry"] if service["draft"] else service["entry"],
    )


@room.get("/admin/services/{code}/versions/{number}")
async def show_version(visit: Visit) -> Response:
    """One published version as it was written. Raises RefusedError."""
    code, number = segment(visit.args["code"]), segment(visit.args["number"])
    version: Mapping[str, Any] = await visit.portal.read(f"{API}/{code}/versions/{number}")
    return visit.page(VERSION, version=version, code=code, text=write_yaml(version["entry"]))


async def read(visit: Visit) -> Reply:
    """The service in the address, with its revision. Raises RefusedError."""
    return await visit.portal.get(f"{API}/{segment(visit.args['code'])}")
