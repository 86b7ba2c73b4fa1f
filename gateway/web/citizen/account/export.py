"""Everything that is kept of oneself, as one file."""

import json
from datetime import datetime
from typing import Any

from starlette.responses import Response

from gateway.web.citizen.room import room
from gateway.web.visit import Visit
from shared.clock import PAKISTAN


@room.get("/my/export")
async def show(visit: Visit) -> Response:
    """What the file holds, and the link to it."""
    return visit.page("citizen/account/export.html")


@room.get("/my/export/file")
async def download(visit: Visit) -> Response:
    """The file: account, requests and messages."""
    account = (await visit.portal.get("/api/v1/me/export")).data
    whole = {
        **{name: value for name, value in account.items() if name != "elsewhere"},
        **await _pages(visit, "/api/v1/requests/export", "requests"),
        **await _pages(visit, "/api/v1/notifications/export", "notifications"),
    }
    name = f"rabta-{datetime.now(PAKISTAN):%Y-%m-%d}.json"
    return Response(
        json.dumps(whole, ensure_ascii=False, indent=2),
        media_type="application/json; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


async def _pages(visit: Visit, path: str, name: str) -> dict[str, Any]:
    """All pages of an export as one: the lists of `name` together, the rest as the first page tells it."""
    first: dict[str, Any] = (await visit.portal.get(path)).data
    cursor = first.pop("next", None)
    while cursor:
        more = (await visit.portal.get(path, {"cursor": cursor})).data
        first[name] += more[name]
        cursor = more.get("next")
    return first
