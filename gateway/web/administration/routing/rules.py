"""The rules in force with their problems, the draft, and earlier versions."""

import asyncio
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from gateway.web.administration.room import room
from gateway.web.administration.yamltext import write_yaml
from gateway.web.naming import names_of
from gateway.web.portal import Reply, segment
from gateway.web.visit import Visit

API = "/api/v1/admin/routing"
HOME = "/admin/routing"
PAGE, VERSION = "administration/routing/rules.html", "administration/routing/version.html"


@room.get("/admin/routing")
async def show(visit: Visit) -> Response:
    """The rules in force, the draft, and all versions. Raises RefusedError."""
    stored, versions, shown = await asyncio.gather(
        rule_set(visit), visit.portal.read(f"{API}/versions"), rule_names(visit)
    )
    return visit.page(PAGE, rules=stored.data, versions=versions["versions"], **shown)


@room.get("/admin/routing/versions/{number}")
async def show_version(visit: Visit) -> Response:
    """An earlier version. Raises RefusedError."""
    version = await version_of(visit)
    return visit.page(VERSION, version=version, text=write_yaml(version["rules"]))


@room.post("/admin/routing/versions/{number}", again=show_version)
async def take_version(visit: Visit) -> Response:
    """Make the rules of an earlier version the draft. Raises RefusedError."""
    version, stored = await asyncio.gather(version_of(visit), rule_set(visit))
    await visit.portal.call("PUT", f"{API}/draft", body={"rules": version["rules"]}, revision=stored.etag)
    return visit.go(f"{HOME}/try", visit.say("The draft is saved. Try it now."))


async def version_of(visit: Visit) -> Mapping[str, Any]:
    """The version in the address. Raises RefusedError."""
    return await visit.portal.read(f"{API}/versions/{segment(visit.args['number'])}")


async def rule_set(visit: Visit) -> Reply:
    """The rule set with its revision. Raises RefusedError."""
    return await visit.portal.get(API)


async def rule_names(visit: Visit) -> dict[str, Any]:
    """The names that rules are shown with. Raises RefusedError."""
    names, areas = await asyncio.gather(names_of(visit), visit.portal.read(f"{API}/areas"))
    return {"names": names, "areas": {area["code"]: area["name"] for area in areas["areas"]}}
