"""Accounts of staff as the service tells of them."""

import asyncio
from collections.abc import Mapping
from typing import Any

from gateway.web.portal import segment
from gateway.web.visit import Visit
from shared.errors import NotFoundError

API = "/api/v1/admin/officers"
Member = Mapping[str, Any]
IN_DEPARTMENT = ("officer", "head", "appellate")
MAX_PAGES = 50
PAGE = 100


async def members(visit: Visit) -> list[Member]:
    """All accounts, in the order of their making. Raises RefusedError."""
    found: list[Member] = []
    cursor = None
    for _ in range(MAX_PAGES):
        told = await visit.portal.read(API, {"limit": PAGE, "cursor": cursor})
        found += told["officers"]
        cursor = told["next"]
        if cursor is None:
            break
    return found


async def member_of(visit: Visit) -> Member:
    """The account in the address. Raises RefusedError, NotFoundError."""
    wanted = segment(visit.args["member"])
    found = next((one for one in await members(visit) if one["id"] == wanted), None)
    if found is None:
        raise NotFoundError
    return found


async def departments(visit: Visit) -> dict[str, str]:
    """The names of departments by their codes, in the language of the page. Raises RefusedError."""
    known = (await visit.portal.read("/api/v1/departments"))["departments"]
    return {one["code"]: one["name"] for one in known}


async def with_departments(visit: Visit) -> tuple[Member, dict[str, str]]:
    """The account in the address, and what departments are called. Raises RefusedError, NotFoundError."""
    return await asyncio.gather(member_of(visit), departments(visit))
